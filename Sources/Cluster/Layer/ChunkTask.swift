public import MoE
public import Placement

/// The routing of one micro-batch in one layer, ready to be cut into chunks.
public struct ChunkTask: Sendable {
    /// The assignment of copies to experts.
    public let plan: DispatchPlan
    /// The slot that computes each copy.
    public let slots: SlotPlan
    /// The common experts, held by every rank behind its routed ones.
    public let common: [CommonVisits]
    /// The rank that owns each token of the step.
    public let sources: SourceRanks
    /// The index of the micro-batch's first token in the step.
    public let firstToken: Int
    /// True when some experts of the plan are identity experts, which no rank holds.
    let hasIdentityExperts: Bool

    /// A task; by default the micro-batch begins at token 0 of the step.
    ///
    /// - Precondition: `slots` was made of `plan`.
    public init(
        plan: DispatchPlan,
        slots: SlotPlan,
        common: [CommonVisits],
        sources: SourceRanks,
        firstToken: Int = 0
    ) {
        precondition(slots.slotOfCopy.count == plan.copies, "a slot for each copy")
        self.plan = plan
        self.slots = slots
        self.common = common
        self.sources = sources
        self.firstToken = firstToken
        hasIdentityExperts = plan.experts > slots.placement.experts
    }

    /// The factor on a token's own input in its output: the sum of the weights of its kept copies for identity experts,
    /// in the router's order of choice.
    func identityWeight(ofToken token: Int) -> Float {
        plan.copies(ofToken: token).reduce(0) { sum, copy in
            plan.isKept(copy) && plan.expert[copy] >= slots.placement.experts ? sum + plan.weight[copy] : sum
        }
    }

    /// The rank whose common experts a token visits.
    func home(ofToken token: Int) -> Int { sources.rank(ofToken: firstToken + token) }
}

/// The visits of a layer's tokens to one common expert, on the rank that owns the token.
public struct CommonVisits: Equatable, Sendable {
    /// The row of the layer's input that the expert reads for token 0; token t reads row `firstRow + t`.
    public var firstRow: Int
    /// The factor on the output for each token, `[tokens]`, or nil for 1.
    public var weights: [Float]?

    /// Visits that read the layer's input from `firstRow` on.
    public init(firstRow: Int = 0, weights: [Float]? = nil) {
        self.firstRow = firstRow
        self.weights = weights
    }

    /// The factor on the output for one token.
    public func weight(ofToken token: Int) -> Float { weights?[token] ?? 1 }
}

/// A chunk: consecutive tokens of a layer, the rows that each rank computes for them, and the terms that sum the
/// returned outputs.
public struct DispatchChunk: Equatable, Sendable {
    /// The tokens, as indices in the micro-batch.
    public let tokens: Range<Int>
    /// The rows of each rank that computes anything for the tokens, in rank order.
    public let ranks: [RankChunk]
    /// The terms of all tokens, token after token. For each token its kept copies in the router's order of choice, then
    /// the common experts; with `presums`, one per rank and sent row, in rank order.
    public let terms: [CombineTerm]
    /// Offsets of each token's terms in ``terms``, `[tokens + 1]`.
    public let termOffsets: [Int32]
    /// The factor on each token's own input, which is added behind its terms, `[tokens]`; empty without identity
    /// experts.
    public var identityWeights: [Float] = []

    /// The range in ``terms`` of the `index`-th token of the chunk.
    public func terms(ofToken index: Int) -> Range<Int> {
        Int(termOffsets[index])..<Int(termOffsets[index + 1])
    }
}

/// One summand of a token's output: a row that a rank returns, and the factor on it.
public struct CombineTerm: Equatable, Sendable {
    /// The rank that returns the row.
    public let rank: Int32
    /// The row among those that the rank returns for the chunk.
    public let row: Int32
    /// The factor that the coordinator applies to the row.
    public let weight: Float
}

/// The rows that one rank computes for a run of tokens, permuted by expert, with the rows for common experts last.
public struct RankChunk: Equatable, Sendable {
    /// The rank that computes the rows.
    public let rank: Int
    /// The runs of consecutive rows, each for one expert of the rank.
    public let segments: [BatchLayout.Segment]
    /// The sent row that each row reads, `[rows]`.
    public let sentRow: [Int32]
    /// The factor on the output of each row, `[rows]`.
    public let weights: [Float]
    /// The row of the layer's input that each sent row holds, `[sent rows]`, in the order of first use.
    public let inputRows: [Int32]
    /// The factor on each sent row before it is sent, `[sent rows]`, or nil for 1 throughout.
    public let inputWeights: [Float]?
    /// The number of rows that are routed copies; the rest are for the common experts.
    public let routedRows: Int

    /// The number of rows, for routed and common experts together.
    public var rows: Int { sentRow.count }
}
