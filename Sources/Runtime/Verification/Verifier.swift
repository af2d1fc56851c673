import Cluster
internal import Experts
import MoE
internal import Tensors

/// The verification of a run: it recomputes layers by plain loops over experts in this process, and counts wrong
/// tokens.
///
/// The residual stream between the layers must be the same bit for bit. Each layer is checked from its live input:
/// logits against x Wg^T, the routing against the router given the same logits, the combined output against the
/// reference experts. So a rounding difference in one layer cannot flip a choice in the next and pass for an error.
/// Expert weights are made or read anew for each layer and step; memory stays at one expert.
struct Verifier {
    private let setup: SessionSetup
    private let norms: LayerNorms
    private let logits: LogitCheck
    private let outputs: OutputCheck

    /// The number of checked tokens so far; a token of each step counts by itself.
    private(set) var checkedTokens = 0
    /// Checked tokens that were wrong in some layer.
    private(set) var wrongTokens = 0
    /// The error of the live outputs against outputs recomputed without rounding on the wire.
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

    /// Check all layers of one step.
    ///
    /// - Parameter pump: called often, so that heartbeats go on.
    mutating func check(_ result: StepResult, pump: () throws(RuntimeError) -> Void) throws(RuntimeError) {
        try check(result.keptLayers, wrongBetweenLayers: wrongResiduals(result), pump: pump)
    }

    /// Check layers that belong to one step.
    ///
    /// - Parameter wrongBetweenLayers: tokens that are known to be wrong already.
    mutating func check(
        _ keptLayers: [KeptLayer],
        wrongBetweenLayers: Set<Int> = [],
        pump: () throws(RuntimeError) -> Void
    ) throws(RuntimeError) {
        guard let tokens = keptLayers.first?.input.tokens.rows else { return }
        var wrong = wrongBetweenLayers
        for kept in keptLayers {
            do {
                wrong.formUnion(try logits.wrongTokens(kept, pump: pump))
                try checkRouting(kept)
                let outcome = try outputs.check(kept, pump: pump)
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

    /// The tokens that are wrong between layers: each layer's input must be the norm of the residual stream, and the
    /// stream must end in the output.
    private func wrongResiduals(_ result: StepResult) -> Set<Int> {
        var wrong: Set<Int> = []
        guard var hidden = result.input else { return [] }
        for kept in result.keptLayers {
            let expected = norms.input(hidden, layer: kept.layer) ?? LayerInput(tokens: hidden)
            for row in differences(kept.input.rows, expected.rows) { wrong.insert(row % hidden.rows) }
            hidden.add(kept.combined.output)
        }
        return wrong.union(differences(result.output, hidden))
    }

    private func differences(_ live: Matrix, _ expected: Matrix) -> [Int] {
        (0..<live.rows).filter { live.row($0) != expected.row($0) }
    }

    private func checkRouting(_ kept: KeptLayer) throws(RuntimeError) {
        var state = kept.routed.state
        let place = "layer \(kept.layer) of step \(kept.step)"
        let again: Routing
        do {
            again = try setup.router.route(kept.routed.batch, state: &state)
        } catch {
            throw .local("\(place): \(error)")
        }
        guard again.plan == kept.routed.routing.plan else {
            throw .local("\(place): routing the same logits again gives another plan")
        }
    }
}
