import Cluster
import Configuration
import Experts
import Foundation
import MoE
import Tensors
import Workloads

@testable import Runtime

/// One layer of a run, computed here by plain loops in double precision: what a right one looks like.
struct LayerSamples {
    let setup: SessionSetup
    private let gate: LayerGate

    init(_ configuration: RunPlan) throws {
        setup = try SessionSetup(configuration, epoch: 1)
        gate = try LayerGate(
            router: setup.router,
            source: setup.experts,
            seed: setup.seed,
            compute: ComputeEngine(threads: 1)
        )
    }

    /// A layer over seeded tokens.
    ///
    /// - Parameters:
    ///   - changeOutput: damages the layer's result.
    ///   - changeLogits: damages what the router is given.
    func kept(
        step: Int = 0,
        layer: Int = 1,
        changeOutput: (inout Matrix) -> Void = { _ in },
        changeLogits: (inout RouterBatch) -> Void = { _ in }
    ) throws -> KeptLayer {
        var samples = Samples(seed: step)
        let tokens = RMSNorm.apply(samples.matrix(rows: 12, columns: setup.model.hidden))
        let workload = WorkloadBatch(hidden: tokens, gate: .model)
        let micro = MicroBatch.cut(workload, into: 1)[0]
        var batch = try gate.route(step: step, layer: layer, tokens: tokens, micro.routerInput(layer: layer)).batch
        changeLogits(&batch)
        var state = RouterState()
        let routing = try setup.router.route(batch, state: &state)
        var output = combined(routing.plan, tokens, layer)
        changeOutput(&output)
        return KeptLayer(
            step: step,
            layer: layer,
            input: LayerInput(tokens: tokens, dense: nil),
            routed: RoutedBatch(state: RouterState(), batch: batch, routing: routing),
            common: setup.model.sharedExpert == nil ? [] : [CommonVisits()],
            combined: CombinedLayer(output: output, common: []),
            logitsAreModels: true
        )
    }

    private func combined(_ plan: DispatchPlan, _ tokens: Matrix, _ layer: Int) -> Matrix {
        let weights = SeededWeights(seed: setup.seed)
        var sums = [Double](repeating: 0, count: plan.tokens * setup.model.hidden)
        func add(_ parameters: ExpertParameters, _ weight: Float, _ token: Int) {
            for (column, value) in swiglu(parameters, tokens.row(token).map(Double.init)).enumerated() {
                sums[token * setup.model.hidden + column] += Double(weight) * value
            }
        }
        for token in 0..<plan.tokens {
            for copy in plan.copies(ofToken: token) where plan.isKept(copy) {
                let expert = ExpertIdentity.routed(Int(plan.expert[copy]))
                let parameters = weights.parameters(of: expert, layer: layer, shape: setup.model.expert)
                add(parameters, plan.weight[copy], token)
            }
            if let shape = setup.model.sharedExpert {
                add(weights.parameters(of: .shared, layer: layer, shape: shape), 1, token)
            }
        }
        return Matrix(rows: plan.tokens, columns: setup.model.hidden, values: sums.map { Float($0) })
    }

    private func swiglu(_ parameters: ExpertParameters, _ input: [Double]) -> [Double] {
        let gate = product(parameters.gate ?? [], input)
        let up = product(parameters.up, input)
        return product(parameters.down, zip(gate, up).map { $0 / (1 + exp(-$0)) * $1 })
    }

    private func product(_ matrix: [Float], _ input: [Double]) -> [Double] {
        stride(from: 0, to: matrix.count, by: input.count).map { start in
            zip(matrix[start..<start + input.count], input).reduce(0) { $0 + Double($1.0) * $1.1 }
        }
    }
}

extension KeptLayer {
    /// The same layer with other logits, which are not the model's.
    func given(_ batch: RouterBatch? = nil) -> KeptLayer {
        KeptLayer(
            step: step,
            layer: layer,
            input: input,
            routed: RoutedBatch(state: routed.state, batch: batch ?? routed.batch, routing: routed.routing),
            common: common,
            combined: combined,
            logitsAreModels: false
        )
    }
}
