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
