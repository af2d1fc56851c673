/// The builder of a plan, token by token, where tokens have different numbers of copies.
struct PlanBuilder {
    private let experts: Int
    private var offsets = [0]
    private var expert: [Int32] = []
    private var weight: [Double] = []
    private var place: [Int32] = []
    private var taken: [Int32]
    /// Sum of weights per expert, `[experts]`.
    private(set) var importance: [Double]

    init(experts: Int) {
        self.experts = experts
        taken = [Int32](repeating: 0, count: experts)
        importance = [Double](repeating: 0, count: experts)
    }

    /// Add the copies of the next token, by descending weight and then by expert; each copy stands next in its queue.
    mutating func addToken(_ copies: [(expert: Int, weight: Double)]) {
        for copy in copies.sorted(by: { ($1.weight, $0.expert) < ($0.weight, $1.expert) }) {
            expert.append(Int32(copy.expert))
            weight.append(copy.weight)
            place.append(taken[copy.expert])
            taken[copy.expert] += 1
            importance[copy.expert] += copy.weight
        }
        offsets.append(expert.count)
    }

    /// The plan of the tokens so far; nothing is dropped.
    var plan: DispatchPlan {
        DispatchPlan(
            experts: experts,
            copyOffsets: offsets,
            expert: expert,
            weight: weight.map { Float($0) },
            position: place
        )
    }
}
