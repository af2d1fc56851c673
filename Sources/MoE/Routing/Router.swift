public import Tensors

/// A rule that decides which experts see which tokens, and with what weight.
///
/// A router is a value without randomness, files or clocks of its own: everything it needs comes in with the batch,
/// so the same batch gives the same routing on any machine. A new router is one file with a type that conforms to
/// this protocol, and one line in ``RouterCatalogue``.
public protocol Router: Sendable {
    /// The linear projections of the token that this router reads, each `[columns, hidden]`, in the order in which
    /// ``RouterBatch/projections`` must hold their results.
    var projections: [RouterProjection] { get }

    /// True when the router reads ``RouterBatch/hidden``, the tokens themselves.
    var readsHidden: Bool { get }

    /// True when the router adds ``RouterState/gateBias`` to the gate's logits.
    var readsGateBias: Bool { get }

    /// The noise that multiplies the token before its projections, or nil when the router trains without noise on its
    /// input.
    var inputJitter: InputJitter? { get }

    /// The numbers that a projection gives for each token; as many as routed experts unless the router says otherwise.
    func columns(of projection: RouterProjection, experts: Int) -> Int

    /// True when the memory of the router, a ``RouterState``, changes from step to step.
    var learns: Bool { get }

    /// True when experts and weights of a token follow from its own numbers and the layer's ``RouterState`` alone: from
    /// its row of each projection, its recorded choices, its vocabulary id.
    ///
    /// Then the parts of a batch, routed one after the other and joined, have the plan of the
    /// whole batch. It is false where tokens compete (capacity, balanced assignment, experts that choose), where random
    /// numbers go by the place in the batch, and where routing itself changes the state.
    var decidesPerToken: Bool { get }

    /// The most copies that a token can have among so many routed experts.
    func mostCopies(experts: Int) -> Int

    /// Route the tokens of one layer in one step.
    ///
    /// - Parameters:
    ///   - batch: logits, random numbers and whatever else the rule reads.
    ///   - state: the memory of the router from step to step in this layer (a selection bias, say).
    /// - Throws: ``RoutingError`` when the batch cannot be routed.
    func route(_ batch: RouterBatch, state: inout RouterState) throws(RoutingError) -> Routing

    /// Learn from the loads of a step that is over; most routers learn nothing here.
    ///
    /// - Parameters:
    ///   - loads: copies that each expert was asked for, before any drop, `[experts]`.
    ///   - state: the memory of the router, which goes to the next step.
    func finishStep(loads: [Int], state: inout RouterState)
}

extension Router {
    /// False, by default: the router reads projections, or neither.
    public var readsHidden: Bool { false }

    /// True, by default, for a router that reads the gate.
    public var readsGateBias: Bool { projections.contains(.gate) }

    /// Nil, by default: no noise on the input of the router.
    public var inputJitter: InputJitter? { nil }

    /// False, by default: the router learns nothing.
    public var learns: Bool { false }

    /// The number of routed experts, by default: a projection gives one number for each.
    public func columns(of projection: RouterProjection, experts: Int) -> Int { experts }

    /// Do nothing, by default: the router learns nothing from the loads of a step.
    public func finishStep(loads: [Int], state: inout RouterState) {}
}

extension Router {
    /// Check that the router can route among so many experts, by routing no tokens at all.
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
            hidden: Matrix(rows: 0, columns: 1, values: []),
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
    /// True when the program of a ``CommandRouter`` failed; the batch, or a setting, is wrong otherwise.
    public let isOfProgram: Bool

    /// Create an error from the sentence that describes it.
    public init(_ description: String, isOfProgram: Bool = false) {
        self.description = description
        self.isOfProgram = isOfProgram
    }
}

/// The memory of a router from step to step in one layer; each part is empty where the router has none.
public struct RouterState: Codable, Equatable, Sendable {
    /// The bias that is added to the score of each expert for selection only, `[experts]` (DeepSeek-V3's
    /// `e_score_correction_bias`).
    public var selectionBias: [Float]
    /// The bias that is added to the gate's logits, `[experts]` (gpt-oss, Jacobs 1991).
    public var gateBias: [Float]
    /// The learned threshold of each expert, `[experts]` (Shazeer 2017, appendix F).
    public var thresholds: [Float]

    /// Create a router's memory; without arguments, an empty one.
    public init(selectionBias: [Float] = [], gateBias: [Float] = [], thresholds: [Float] = []) {
        self.selectionBias = selectionBias
        self.gateBias = gateBias
        self.thresholds = thresholds
    }
}

/// A linear map of tokens that a router reads, to one number per expert or per group of experts.
public enum RouterProjection: Int, Codable, CaseIterable, Sendable {
    /// The gate: logits = x Wg^T.
    case gate = 0
    /// The noise scale of Shazeer 2017: raw = x Wnoise^T.
    case noise = 1
    /// The gate over the groups of a two-level hierarchy.
    case primaryGate = 2
    /// The noise scale over the groups of a two-level hierarchy.
    case primaryNoise = 3

    /// True where minus infinity takes an expert, or a group of them, out of a token's choice.
    var masks: Bool { self == .gate || self == .primaryGate }

    /// The name of the tensor that holds the projection's results, `[token, column]`, in files.
    public var tensorName: String {
        switch self {
        case .gate: "router_logits"
        case .noise: "noise_logits"
        case .primaryGate: "primary_logits"
        case .primaryNoise: "primary_noise_logits"
        }
    }
}

/// Noise on the input of the gate: every element of every token times U(1 - epsilon, 1 + epsilon).
///
/// Switch (arXiv 2101.03961, section 2.2) trains with epsilon 0.01; the experts see the token as it is.
public struct InputJitter: Equatable, Sendable {
    /// Half the width of the interval around 1 from which the noise factors are drawn.
    public var epsilon: Double

    /// Create jitter with factors from 1 - `epsilon` to 1 + `epsilon`.
    ///
    /// - Precondition: `epsilon` is in `0..<1`.
    public init(epsilon: Double) {
        precondition(epsilon >= 0 && epsilon < 1, "an input jitter of \(epsilon)")
        self.epsilon = epsilon
    }

    /// The tokens `[tokens, hidden]` times the noise, as the gate sees them; element i of row t depends on the stream
    /// and (t, i) only.
    ///
    /// - Parameter random: the stream that belongs to this (seed, step, layer), not used for anything else.
    public func applied(to tokens: Matrix, random: CounterRandom) -> Matrix {
        var jittered = tokens
        for index in jittered.values.indices {
            let factor = 1 + epsilon * (2 * random.uniformDouble(index) - 1)
            jittered.values[index] *= Float(factor)
        }
        return jittered
    }
}

/// The decision of a router for one layer in one step.
public struct Routing: Sendable {
    /// The plan: expert, gate weight and place of each copy.
    public var plan: DispatchPlan
    /// Sum of the gate weights per expert before any drop, `[experts]`.
    public var importance: [Double]
    /// The differentiable estimate of the load per expert of Shazeer 2017, `[experts]`, where the router has one.
    public var smoothLoad: [Double]?
    /// The losses that the rule names, each with its coefficient.
    public var losses: [BalanceLoss]
    /// Rows that the experts compute when their queues are padded as the system of this router pads them, or nil where
    /// it does not pad.
    public var paddedRows: Int?

    /// A routing with its statistics.
    public init(
        plan: DispatchPlan,
        importance: [Double],
        smoothLoad: [Double]? = nil,
        losses: [BalanceLoss] = [],
        paddedRows: Int? = nil
    ) {
        self.plan = plan
        self.importance = importance
        self.smoothLoad = smoothLoad
        self.losses = losses
        self.paddedRows = paddedRows
    }
}

/// One loss that a router reports for a layer.
public struct BalanceLoss: Codable, Equatable, Sendable {
    /// The name of the loss in its paper, for example `switch auxiliary`.
    public var name: String
    /// The loss without its coefficient.
    public var value: Double
    /// The coefficient of the loss in the training objective.
    public var coefficient: Double
    /// The value at perfect balance (1 or k, see the unit table in the docs), or nil where there is none.
    public var valueAtBalance: Double?

    /// A loss of `value`, weighted by `coefficient`.
    public init(name: String, value: Double, coefficient: Double, valueAtBalance: Double?) {
        self.name = name
        self.value = value
        self.coefficient = coefficient
        self.valueAtBalance = valueAtBalance
    }
}
