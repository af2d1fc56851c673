internal import Experts
internal import MoE
internal import Tensors

/// Recomputes layers by plain loops over experts in this process, and counts the tokens that came out wrong.
///
/// The residual stream between the layers must be the same bit for bit. Each layer is checked from its live input: logits
/// against x Wg^T, the routing against the router given the same logits, the combined output against the reference
/// experts. So a rounding difference in one layer cannot flip a choice in the next and pass for an error. Expert weights
/// are made or read anew for each layer and step; memory stays at one expert.
struct Verifier {
    private let setup: SessionSetup
    private let norms: LayerNorms
    private let logits: LogitCheck
    private let outputs: OutputCheck

    /// Token checks so far, one per (step, token).
    private(set) var checkedTokens = 0
    /// Tokens of these that were wrong in some layer.
    private(set) var wrongTokens = 0
    /// How far outputs are from those of a wire that loses nothing.
    private(set) var wireError = SquaredError()

    init(setup: SessionSetup) throws(RuntimeError) {
        self.setup = setup
        logits = LogitCheck(setup: setup)
        outputs = OutputCheck(setup: setup)
        do {
            norms = try LayerNorms(setup.experts, normalizes: setup.normalizesInput)
        } catch {
            throw .local(error.description)
        }
    }

    /// Checks all layers of one step.
    ///
    /// - Parameter pump: called often, so that heartbeats go on.
    mutating func check(_ result: StepResult, pump: () throws(RuntimeError) -> Void) throws(RuntimeError) {
        try check(result.traces, wrongBetweenLayers: wrongResiduals(result), pump: pump)
    }

    /// Checks layers that belong to one step.
    ///
    /// - Parameter wrongBetweenLayers: tokens that are known to be wrong already.
    mutating func check(
        _ traces: [LayerTrace],
        wrongBetweenLayers: Set<Int> = [],
        pump: () throws(RuntimeError) -> Void
    ) throws(RuntimeError) {
        guard let tokens = traces.first?.input.tokens.rows else { return }
        var wrong = wrongBetweenLayers
        for trace in traces {
            do {
                wrong.formUnion(try logits.wrongTokens(trace, pump: pump))
                try checkRouting(trace)
                let outcome = try outputs.check(trace, pump: pump)
                wrong.formUnion(outcome.wrongTokens)
                wireError.add(outcome.error)
            } catch let error as CheckpointError {
                throw .local(error.description)
            } catch let error as RuntimeError {
                throw error
            } catch {
                throw .local("\(error)")
            }
        }
        checkedTokens += tokens
        wrongTokens += wrong.count
    }

    /// Between the layers: each one's input is the norm of the residual stream, and the stream ends in the output.
    private func wrongResiduals(_ result: StepResult) -> Set<Int> {
        var wrong: Set<Int> = []
        guard var hidden = result.input else { return [] }
        for trace in result.traces {
            let expected = norms.input(hidden, layer: trace.layer) ?? LayerInput(tokens: hidden)
            for row in differences(trace.input.rows, expected.rows) { wrong.insert(row % hidden.rows) }
            hidden.add(trace.combined.output)
        }
        return wrong.union(differences(result.output, hidden))
    }

    private func differences(_ live: Matrix, _ expected: Matrix) -> [Int] {
        (0..<live.rows).filter { live.row($0) != expected.row($0) }
    }

    private func checkRouting(_ trace: LayerTrace) throws(RuntimeError) {
        var state = trace.routed.state
        guard let again = try? setup.router.route(trace.routed.batch, state: &state),
            again.plan == trace.routed.routing.plan
        else {
            throw .local("layer \(trace.layer) of step \(trace.step): routing the same logits again gives another plan")
        }
    }
}
