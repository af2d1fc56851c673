import Tensors

/// Hash layers (Roller et al. 2021, arXiv 2106.04426): the token's vocabulary id alone decides its expert.
///
/// Every copy weighs 1. Nothing is learnt; there is no loss and, unless a capacity is given, as in lingvo's HashGating,
/// nothing is dropped.
public struct HashRouter: Router {
    /// The map from vocabulary ids to experts.
    public enum Hashing: Equatable, Sendable {
        /// Each vocabulary id has a random expert, the same in every run.
        case random
        /// Ids are dealt by descending frequency to the lightest expert (``HashTable``). Without frequencies, those of
        /// the batch are taken.
        case balanced(frequencies: [Double]?)
        /// This many hash functions, each of which chooses among its own E / functions experts, the slices of one
        /// feed-forward block.
        case multiple(Int)
    }

    /// The map from vocabulary ids to experts.
    public var hashing: Hashing
    /// The rule of an expert's capacity, or nil to drop nothing.
    public var capacity: CapacityRule?

    /// Create a hash router, by default with random hashing and without a capacity.
    public init(hashing: Hashing = .random, capacity: CapacityRule? = nil) {
        self.hashing = hashing
        self.capacity = capacity
    }

    /// No projections: a hash reads no logits.
    public var projections: [RouterProjection] { [] }

    /// True without a capacity, unless a balanced table waits for the frequencies of the batch.
    public var decidesPerToken: Bool {
        if case .balanced(nil) = hashing { return false }
        return capacity == nil
    }

    /// The number of hash functions: one copy for each.
    public func mostCopies(experts: Int) -> Int { if case .multiple(let hashes) = hashing { hashes } else { 1 } }

    /// Route one batch by ``RouterBatch/tokenIDs``.
    ///
    /// - Throws: ``RoutingError`` when the batch has no ids, when there is not one per token, when an id is negative or
    ///   has no frequency, or when the hash functions do not divide the experts.
    public func route(_ batch: RouterBatch, state: inout RouterState) throws(RoutingError) -> Routing {
        let ids = try checkedIDs(batch)
        let hashes = mostCopies(experts: batch.experts)
        guard hashes >= 1 && batch.experts % hashes == 0 else {
            throw RoutingError("\(batch.experts) experts do not divide among \(hashes) hash functions")
        }
        try batch.check(topK: hashes)
        let expert = try experts(ids, batch.experts, hashes)
        let weight = [Double](repeating: 1, count: expert.count)
        var choices = ChoiceTable(experts: batch.experts, topK: hashes, expert: expert, weight: weight)
        let contest = try QueueContest(capacity, batch: batch)
        contest.settle(&choices)
        return Routing(
            plan: choices.plan(),
            importance: choices.importance(scale: 1),
            paddedRows: contest.paddedRows(topK: hashes, experts: batch.experts)
        )
    }

    private func experts(_ ids: [Int32], _ experts: Int, _ hashes: Int) throws(RoutingError) -> [Int32] {
        switch hashing {
        case .random, .multiple:
            let slice = experts / hashes
            return ids.flatMap { id in
                (0..<hashes).map { Int32($0 * slice) + HashTable.random(id: id, hash: $0, experts: slice) }
            }
        case .balanced(let frequencies):
            let frequencies = frequencies ?? counts(ids)
            if let unknown = ids.first(where: { $0 >= frequencies.count }) {
                throw RoutingError("token id \(unknown) has no frequency; there are \(frequencies.count)")
            }
            let table = HashTable.balanced(frequencies: frequencies, experts: experts)
            return ids.map { table[Int($0)] }
        }
    }

    private func counts(_ ids: [Int32]) -> [Double] {
        var counts = [Double](repeating: 0, count: Int(ids.max() ?? -1) + 1)
        for id in ids { counts[Int(id)] += 1 }
        return counts
    }

    private func checkedIDs(_ batch: RouterBatch) throws(RoutingError) -> [Int32] {
        guard let ids = batch.tokenIDs else {
            throw RoutingError("the batch holds no token ids to hash")
        }
        guard ids.count == batch.tokens else {
            throw RoutingError("the batch holds \(ids.count) token ids; it has \(batch.tokens) tokens")
        }
        if let token = ids.firstIndex(where: { $0 < 0 }) {
            throw RoutingError("token \(token) has id \(ids[token]); it must not be negative")
        }
        return ids
    }
}

/// A fixed map from vocabulary id to expert (Roller et al. 2021, arXiv 2106.04426, section 3).
public enum HashTable {
    /// The balanced table: ids by descending frequency, each to the expert that has the least so far, equal ones to the
    /// lowest expert.
    ///
    /// - Parameters:
    ///   - frequencies: how often each id occurs, `[vocabulary]`.
    ///   - experts: experts, E.
    /// - Returns: the expert of each id, `[vocabulary]`.
    public static func balanced(frequencies: [Double], experts: Int) -> [Int32] {
        var table = [Int32](repeating: 0, count: frequencies.count)
        var load = [Double](repeating: 0, count: experts)
        for id in frequencies.indices.sorted(by: { (-frequencies[$0], $0) < (-frequencies[$1], $1) }) {
            var lightest = 0
            for expert in 1..<max(experts, 1) where load[expert] < load[lightest] { lightest = expert }
            table[id] = Int32(lightest)
            load[lightest] += frequencies[id]
        }
        return table
    }

    /// The random table: the expert of an id under hash function `hash`, the same in every run.
    static func random(id: Int32, hash: Int, experts: Int) -> Int32 {
        Int32(CounterRandom(seed: 0, purpose: .expertChoice, hash).uniformDouble(Int(id)) * Double(experts))
    }
}
