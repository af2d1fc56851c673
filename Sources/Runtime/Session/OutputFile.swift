internal import Workloads
internal import MoE
internal import Tensors

/// Writes what `--save-outputs` promises: for all measured steps, token after token, the final `output` and per layer
/// `router_logits`, `topk_index`, `topk_weight`, `kept` and `output`.
///
/// Choices stand under the names that a trace workload reads, so a saved run can be replayed.
final class OutputFile {
    private let writer: SafetensorsWriter
    private let setup: SessionSetup
    private let topK: Int
    private var row = 0

    init(path: String, setup: SessionSetup, topK: Int, steps: Int, metadata: [String: String]) throws(RuntimeError) {
        self.setup = setup
        self.topK = topK
        let tokens = setup.workload.summary.tokensPerStep * steps
        var tensors = [TensorSpec(name: "output", dtype: .f32, shape: [tokens, setup.model.hidden])]
        for layer in 0..<setup.model.layers {
            let prefix = "layers.\(layer)."
            if !setup.router.projections.isEmpty {
                let shape = [tokens, setup.model.experts]
                tensors.append(TensorSpec(name: prefix + "router_logits", dtype: .f32, shape: shape))
            }
            tensors += [
                TensorSpec(name: prefix + "topk_index", dtype: .i32, shape: [tokens, topK]),
                TensorSpec(name: prefix + "topk_weight", dtype: .f32, shape: [tokens, topK]),
                TensorSpec(name: prefix + "kept", dtype: .u8, shape: [tokens, topK]),
                TensorSpec(name: prefix + "output", dtype: .f32, shape: [tokens, setup.model.hidden]),
            ]
        }
        do {
            writer = try SafetensorsWriter(path: path, tensors: tensors, metadata: metadata)
        } catch {
            throw .local(error.description)
        }
    }

    /// Adds one step.
    func add(_ result: StepResult) throws(RuntimeError) {
        do {
            try writer.write("output", atRow: row, floats: result.output.values)
            for trace in result.traces { try add(trace) }
        } catch {
            throw .local(error.description)
        }
        row += result.output.rows
    }

    /// Puts the file in place; before this there is none under its name.
    func finish() throws(RuntimeError) {
        do {
            try writer.finish()
        } catch {
            throw .local(error.description)
        }
    }

    private func add(_ trace: LayerTrace) throws(TensorFileError) {
        let prefix = "layers.\(trace.layer)."
        let plan = trace.routing.plan
        if let logits = trace.batch.projections.first {
            try writer.write(prefix + "router_logits", atRow: row, floats: logits.values)
        }
        let kept = (0..<plan.copies).map { UInt8(plan.isKept($0) ? 1 : 0) }
        try writer.write(prefix + "topk_index", atRow: row, integers: plan.expert)
        try writer.write(prefix + "topk_weight", atRow: row, floats: plan.weight)
        try writer.write(prefix + "kept", atRow: row, integers: kept)
        try writer.write(prefix + "output", atRow: row, floats: trace.combined.values)
    }
}
