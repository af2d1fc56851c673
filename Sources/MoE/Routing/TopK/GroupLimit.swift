/// Limits the choices of a token to the best groups of experts.
///
/// The experts form `groups` groups of E / groups neighbours. The scores of the groups that are not kept are masked.
/// DeepSeek-V2 (arXiv 2405.04434, section 2.1.2) keeps 3 of 8 devices, DeepSeek-V3 (arXiv 2412.19437, section 2.1.2)
/// 4 of 8 nodes.
public struct GroupLimit: Equatable, Sendable {
    /// What a group is judged by.
    public enum Score: Equatable, Sendable {
        /// Its largest score (DeepSeek-V2).
        case largest
        /// The sum of its so many largest scores (DeepSeek-V3 with 2).
        case sumOfLargest(Int)
        /// The sum of its k / kept largest scores (Megatron-Core).
        case sumOfShare
    }

    /// What the scores of other groups become.
    public enum Mask: Equatable, Sendable {
        /// Minus infinity: they cannot be chosen (DeepSeek's code, transformers from version 5).
        case excluded
        /// 0: they are chosen before negative scores (transformers 4).
        case zero
    }

    /// Number of groups.
    public var groups: Int
    /// Groups that a token may use, M.
    public var kept: Int
    /// What a group is judged by.
    public var score: Score
    /// What the scores of other groups become.
    public var mask: Mask

    /// A limit of `kept` out of `groups` groups.
    public init(groups: Int, kept: Int, score: Score, mask: Mask = .excluded) {
        self.groups = groups
        self.kept = kept
        self.score = score
        self.mask = mask
    }

    /// Makes sure that the groups fit the experts and that the kept ones hold k experts.
    func check(experts: Int, topK: Int) throws(RoutingError) {
        guard groups >= 1 && experts % groups == 0 else {
            throw RoutingError("\(experts) experts do not divide into \(groups) groups of equal size")
        }
        guard kept >= 1 && kept <= groups else {
            throw RoutingError("\(kept) groups are kept; allowed are 1 to \(groups), the number of groups")
        }
        guard topK <= kept * (experts / groups) else {
            throw RoutingError("top-k is \(topK); \(kept) groups of \(experts / groups) experts hold fewer")
        }
    }

    /// How many of a group's largest scores are summed to judge it.
    func summed(topK: Int) -> Int {
        switch score {
        case .largest: 1
        case .sumOfLargest(let count): max(count, 1)
        case .sumOfShare: max(1, topK / kept)
        }
    }
}
