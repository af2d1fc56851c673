import Tensors

/// Decides which experts see which tokens, and with what weight.
///
/// A router is a value without randomness, files or clocks of its own: everything it needs comes in with the batch,
/// so the same batch gives the same routing on any machine. A new router is one file with a type that conforms to
/// this protocol, and one line in ``RouterCatalog``.
public protocol Router: Sendable {
    /// The linear projections of the token that this router reads, each `[columns, hidden]`, in the order in which
    /// ``RouterBatch/projections`` must hold their results.
    var projections: [RouterProjection] { get }

    /// Multiplies the token before its projections, where the router trains with noise on its input.
    var inputJitter: InputJitter? { get }

    /// Numbers that a projection gives for each token; the number of routed experts unless the router says otherwise.
    func columns(of projection: RouterProjection, experts: Int) -> Int

    /// True when what it remembers changes from step to step.
    var learns: Bool { get }

    /// True when experts and weights of a token follow from its own numbers and the layer's ``RouterState`` alone: from
    /// its row of each projection, its recorded choices, its vocabulary id.
    ///
    /// Then the parts of a batch, routed one after the other and joined, have the plan of the
    /// whole batch. It is false where tokens compete (capacity, balanced assignment, experts that choose), where random
    /// numbers go by the place in the batch, and where routing itself changes the state.
    var decidesPerToken: Bool { get }

    /// Copies that a token can have at most, among so many routed experts.
    func mostCopies(experts: Int) -> Int

    /// Routes the tokens of one layer in one step.
    ///
    /// - Parameters:
    ///   - batch: logits, random numbers and whatever else the rule reads.
    ///   - state: what the router carries from step to step in this layer (a selection bias, say).
    func route(_ batch: RouterBatch, state: inout RouterState) throws(RoutingError) -> Routing

    /// Learns from the loads of a step that is over; most routers learn nothing here.
    ///
    /// - Parameters:
    ///   - loads: copies that each expert was asked for, before any drop, `[experts]`.
    ///   - state: what the router carries to the next step.
    func finishStep(loads: [Int], state: inout RouterState)
}

extension Router {
    /// None.
    public var inputJitter: InputJitter? { nil }

    /// Nothing.
    public var learns: Bool { false }

    /// The number of routed experts.
    public func columns(of projection: RouterProjection, experts: Int) -> Int { experts }

    /// Learns nothing.
    public func finishStep(loads: [Int], state: inout RouterState) {}
}

extension Router {
    /// Makes sure that the router can route among so many experts, by routing no tokens at all.
    ///
    /// - Throws: ``RoutingError`` as ``route(_:state:)`` throws it for any batch.
    public func check(experts: Int) throws(RoutingError) {
        let batch = RouterBatch(
            tokens: 0,
            experts: experts,
            projections: projections.map { projection in
                Matrix(rows: 0, columns: columns(of: projection, experts: experts), values: [])
            },
            recorded: RecordedChoices(choicesPerToken: mostCopies(experts: experts), experts: [], weights: nil),
            tokenIDs: [],
            random: CounterRandom(seed: 0, purpose: .routerNoise)
        )
        var state = RouterState()
        _ = try route(batch, state: &state)
    }
}

/// The reason for which a batch cannot be routed.
public struct RoutingError: Error, Equatable, CustomStringConvertible {
    /// One sentence: what was found and what is allowed.
    public let description: String

    /// An error with its sentence.
    public init(_ description: String) {
        self.description = description
    }
}

/// The memory of a router from step to step in one layer; each part is empty where the router has none.
public struct RouterState: Codable, Equatable, Sendable {
    /// Added to the score of each expert for selection only, `[experts]` (DeepSeek-V3's `e_score_correction_bias`).
    public var selectionBias: [Float]
    /// Added to the gate's logits, `[experts]` (gpt-oss, Jacobs 1991).
    public var gateBias: [Float]
    /// The learned threshold of each expert, `[experts]` (Shazeer 2017, appendix F).
    public var thresholds: [Float]

    /// A state; without arguments, one without any memory.
    public init(selectionBias: [Float] = [], gateBias: [Float] = [], thresholds: [Float] = []) {
        self.selectionBias = selectionBias
        self.gateBias = gateBias
        self.thresholds = thresholds
    }
}
