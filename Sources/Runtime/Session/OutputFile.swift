import Cluster
internal import MoE
internal import Tensors
import Workloads

/// The file of `--save-outputs`: for all measured steps, token after token, the final `output` and per layer
/// `router_logits`, `topk_index`, `topk_weight`, `kept`, `output` and, where there are such experts, `shared_output`
/// and `dense_output` (not where workers sum them with the rest).
///
/// Choices have the names that a trace workload reads, so a saved run can be replayed.
final class OutputFile {
    private let writer: SafetensorsWriter
    private let model: ModelShape
    private let router: any Router
    private let width: Int
    private var row = 0

    init(path: String, setup: SessionSetup, steps: Int, metadata: [String: String]) throws(RuntimeError) {
        model = setup.model
        router = setup.router
        let width = setup.router.mostCopies(experts: setup.model.candidates)
        self.width = width
        let tokens = setup.workload.summary.tokensPerStep * steps
        let output = TensorSpec(name: "output", dtype: .f32, shape: [tokens, setup.model.hidden])
        let tensors = (0..<setup.model.layers).flatMap { layer in
            Self.tensors(ofLayer: layer, setup, tokens: tokens, width: width)
        }
        do {
            writer = try SafetensorsWriter(path: path, tensors: [output] + tensors, metadata: metadata)
        } catch {
            throw .local(error.description)
        }
    }

    private static func tensors(
        ofLayer layer: Int,
        _ setup: SessionSetup,
        tokens: Int,
        width: Int
    ) -> [TensorSpec] {
        let (model, router) = (setup.model, setup.router)
        func tensor(_ name: String, _ dtype: DType, _ columns: Int) -> TensorSpec {
            TensorSpec(name: "layers.\(layer).\(name)", dtype: dtype, shape: [tokens, columns])
        }
        let logits = router.projections.map { projection in
            tensor(projection.tensorName, .f32, router.columns(of: projection, experts: model.candidates))
        }
        let choices = [
            tensor("topk_index", .i32, width), tensor("topk_weight", .f32, width), tensor("kept", .u8, width),
        ]
        let common = setup.keepsCommonOutputs ? model.commonExperts : []
        let outputs = ["output"] + common.map(\.outputName)
        return logits + choices + outputs.map { tensor($0, .f32, model.hidden) }
    }

    /// Add the outputs of one step.
    func add(_ result: StepResult) throws(RuntimeError) {
        do {
            try writer.write("output", atRow: row, floats: result.output.values)
            for kept in result.keptLayers { try add(kept) }
        } catch {
            throw .local(error.description)
        }
        row += result.output.rows
    }

    /// Finish the file and give it its name; before this call there is no file of that name.
    func finish() throws(RuntimeError) {
        do {
            try writer.finish()
        } catch {
            throw .local(error.description)
        }
    }

    private func add(_ kept: KeptLayer) throws(TensorFileError) {
        let prefix = "layers.\(kept.layer)."
        for (projection, logits) in zip(router.projections, kept.routed.batch.projections) {
            try writer.write(prefix + projection.tensorName, atRow: row, floats: logits.values)
        }
        let choices = ChoiceRows(kept.routed.routing.plan, width: width)
        try writer.write(prefix + "topk_index", atRow: row, integers: choices.experts)
        try writer.write(prefix + "topk_weight", atRow: row, floats: choices.weights)
        try writer.write(prefix + "kept", atRow: row, integers: choices.kept)
        try writer.write(prefix + "output", atRow: row, floats: kept.combined.output.values)
        for (expert, part) in zip(model.commonExperts, kept.combined.common) {
            try writer.write(prefix + expert.outputName, atRow: row, floats: part.values)
        }
    }
}
