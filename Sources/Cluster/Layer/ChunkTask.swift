public import MoE
public import Placement

/// The routing of one micro-batch in one layer, ready to be cut into chunks.
public struct ChunkTask: Sendable {
    /// Which copy goes to which expert.
    public let plan: DispatchPlan
    /// Which slot computes each copy.
    public let slots: SlotPlan
    /// The common experts, held by every rank behind its routed ones.
    public let common: [CommonVisits]
    /// Which rank owns which token of the step.
    public let sources: SourceRanks
    /// The step's index of the micro-batch's first token.
    public let firstToken: Int

    /// A task; without `firstToken` the micro-batch begins with the step.
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
    }

    /// The rank whose common experts a token visits.
    func home(ofToken token: Int) -> Int { sources.rank(ofToken: firstToken + token) }
}

/// The visits of a layer's tokens to one common expert, on the rank that owns the token.
public struct CommonVisits: Equatable, Sendable {
    /// The row of the layer's input that the expert reads for token 0; token t is so many rows further.
    public var firstRow: Int
    /// What multiplies the output for each token, `[tokens]`, or nil for 1.
    public var weights: [Float]?

    /// Visits that read the layer's input from `firstRow` on.
    public init(firstRow: Int = 0, weights: [Float]? = nil) {
        self.firstRow = firstRow
        self.weights = weights
    }

    /// What multiplies the output for one token.
    public func weight(ofToken token: Int) -> Float { weights?[token] ?? 1 }
}

/// A run of a layer's tokens on its way: what each rank is sent, and how what comes back is summed.
public struct DispatchChunk: Equatable, Sendable {
    /// The tokens, of the micro-batch.
    public let tokens: Range<Int>
    /// One entry per rank that computes something for them, in rank order.
    public let ranks: [RankChunk]
    /// The summands of all tokens, token after token. For each token its kept copies in the router's order of choice, then
    /// the common experts; with `presums`, one per rank and sent row, in rank order.
    public let terms: [CombineTerm]
    /// `tokens.count + 1` offsets into ``terms``.
    public let termOffsets: [Int32]

    /// The summands of the `index`-th of the tokens.
    public func terms(ofToken index: Int) -> Range<Int> {
        Int(termOffsets[index])..<Int(termOffsets[index + 1])
    }
}

/// One summand of a token's output: a row that a rank returns, and what multiplies it.
public struct CombineTerm: Equatable, Sendable {
    /// The rank that returns it.
    public let rank: Int32
    /// The row among those that the rank returns for the chunk.
    public let row: Int32
    /// What the coordinator multiplies it by.
    public let weight: Float
}

/// The rows that one rank computes for a run of tokens: permuted by expert, those that every token sends last.
public struct RankChunk: Equatable, Sendable {
    /// The rank.
    public let rank: Int
    /// Consecutive rows for one expert of the rank.
    public let segments: [BatchLayout.Segment]
    /// Which sent row each row reads, `[rows]`.
    public let sentRow: [Int32]
    /// What multiplies the output of each row, `[rows]`.
    public let weights: [Float]
    /// Which row of the layer's input each sent row is, `[sent rows]`, in the order of their first use.
    public let inputRows: [Int32]
    /// What multiplies each sent row before it is sent, `[sent rows]`, or nil for 1 throughout.
    public let inputWeights: [Float]?
    /// Rows that are routed copies; the rest are for the common experts.
    public let routedRows: Int

    /// Rows for all experts.
    public var rows: Int { sentRow.count }
}
