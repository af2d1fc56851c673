import Basics
import Tensors

/// The way to the program of a ``CommandRouter``.
public protocol RouterChannel: Sendable {
    /// Ask the program, and return its answer as bytes, no more than ``RouterRequest/answerBytes`` of them.
    ///
    /// - Throws: ``RoutingError`` when no answer comes in time, or one that cannot be read.
    func answer(to request: RouterRequest) throws(RoutingError) -> [UInt8]
}

/// The router that leaves the choices to a program of the user's: ``RouterRequest`` is what it asks.
///
/// Whoever runs the program gives the router its ``channel``; here is no process. Batches without tokens ask nothing.
public struct CommandRouter: Router {
    /// The program and its arguments.
    public var command: [String]
    /// The most choices of a token, k.
    public var topK: Int
    /// The numbers of a token that the program reads.
    public var input: RouterInputKind
    /// The time for an answer, in seconds.
    public var seconds: Double
    /// Whether the program decides token by token, from a token's own row.
    public var isPerToken: Bool
    /// The rule of an expert's capacity, or nil to drop nothing.
    public var capacity: CapacityRule?
    /// The way to the program, or nil as long as it does not run.
    public var channel: (any RouterChannel)?

    /// A router whose program does not run yet.
    public init(
        command: [String],
        topK: Int = 2,
        input: RouterInputKind = .logits,
        seconds: Double = 10,
        isPerToken: Bool = false,
        capacity: CapacityRule? = nil
    ) {
        self.command = command
        self.topK = topK
        self.input = input
        self.seconds = seconds
        self.isPerToken = isPerToken
        self.capacity = capacity
    }

    /// The gate, where the program reads logits.
    public var projections: [RouterProjection] { input == .logits ? [.gate] : [] }

    /// True where the program reads hidden states.
    public var readsHidden: Bool { input == .hidden }

    /// True where the program is said to decide so, and no tokens compete.
    public var decidesPerToken: Bool { isPerToken && capacity == nil }

    /// The most choices of a token, k.
    public func mostCopies(experts: Int) -> Int { topK }

    /// Route one batch as the program says.
    ///
    /// - Throws: ``RoutingError`` when the batch does not fit, when the program does not answer, or answers with what is
    ///   no choice: experts that the model does not have, one twice for a token, a weight that is not finite.
    public func route(_ batch: RouterBatch, state: inout RouterState) throws(RoutingError) -> Routing {
        try batch.check(topK: topK)
        let rows = try rows(of: batch, state)
        var chosen = batch
        let recorded = try batch.tokens == 0 ? noChoices : choices(for: batch, rows)
        if input == .logits, batch.masks(rows) { try checkMasks(recorded, rows) }
        chosen.recorded = recorded
        do {
            return try ReplayRouter(topK: topK, capacity: capacity).route(chosen, state: &state)
        } catch {
            throw failure(error)
        }
    }

    /// Check that no token has an expert that its logits mask.
    private func checkMasks(_ choices: RecordedChoices, _ logits: Matrix) throws(RoutingError) {
        for (index, expert) in choices.experts.enumerated() where logits.columns > expert && expert >= 0 {
            let token = index / choices.choicesPerToken
            guard logits[token, Int(expert)] != -.infinity else {
                throw failure(RoutingError("token \(token) chose expert \(expert), whose logit is -inf"))
            }
        }
    }

    private var noChoices: RecordedChoices { RecordedChoices(choicesPerToken: topK, experts: [], weights: []) }

    private func choices(for batch: RouterBatch, _ rows: Matrix) throws(RoutingError) -> RecordedChoices {
        guard let channel else { throw failure(RoutingError("it does not run")) }
        let request = RouterRequest(
            step: batch.step,
            layer: batch.layer,
            experts: batch.experts,
            topK: topK,
            input: input,
            seed: UInt64(batch.random.word(0)) << 32 | UInt64(batch.random.word(1)),
            rows: rows
        )
        do {
            return try request.choices(in: channel.answer(to: request))
        } catch {
            throw failure(error)
        }
    }

    /// An error of the program, with its command.
    private func failure(_ error: RoutingError) -> RoutingError {
        RoutingError("\(Quoted.text(CommandWords.line(command))) (router.command): \(error)", isOfProgram: true)
    }

    /// The rows for the program: logits with the gate's bias, or hidden states.
    private func rows(of batch: RouterBatch, _ state: RouterState) throws(RoutingError) -> Matrix {
        let matrices = try batch.checkedMatrices(for: self, least: 1)
        guard let logits = matrices.first else { return try batch.checkedHidden() }
        guard !state.gateBias.isEmpty else { return logits }
        let biased = try batch.logits(logits, bias: state.gateBias)
        return Matrix(rows: logits.rows, columns: logits.columns, values: biased.map { Float($0) })
    }
}
