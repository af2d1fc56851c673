import MoE
import Tensors
import Workloads

/// Writes what `epsim route --out` promises: the tensors that `epsim run --save-outputs` writes of routing, so that a
/// trace workload replays them, with ids and sequences of the tokens where there are some.
///
/// The layers of the file are `layers.0.`, `layers.1.` and so on, in the order of the input's, whatever their numbers
/// there.
final class RouteOutput {
    private let writer: SafetensorsWriter
    private let router: any Router
    private let width: Int

    init(path: String, file: LogitsFile, router: any Router, steps: [Range<Int>]) throws(TensorFileError) {
        self.router = router
        let width = router.mostCopies(experts: file.experts)
        self.width = width
        let ids = file.tokenIDs
        let lengths = file.sequenceLengths(of: steps)
        var tensors = file.layers.indices.flatMap { Self.tensors(layer: $0, of: file, router, width: width) }
        if let ids { tensors.append(TensorSpec(name: "token_ids", dtype: .i32, shape: [ids.count])) }
        if let lengths { tensors.append(TensorSpec(name: "sequence_lengths", dtype: .i32, shape: [lengths.count])) }
        let numbers = file.layers.map { "\($0.number)" }.joined(separator: ",")
        writer = try SafetensorsWriter(path: path, tensors: tensors, metadata: ["layers": numbers])
        if let ids { try writer.write("token_ids", atRow: 0, integers: ids) }
        if let lengths { try writer.write("sequence_lengths", atRow: 0, integers: lengths) }
    }

    private static func tensors(layer: Int, of file: LogitsFile, _ router: any Router, width: Int) -> [TensorSpec] {
        func tensor(_ name: String, _ dtype: DType, _ columns: Int) -> TensorSpec {
            TensorSpec(name: "layers.\(layer).\(name)", dtype: dtype, shape: [file.tokens, columns])
        }
        let logits = router.projections.map { projection in
            tensor(projection.tensorName, .f32, router.columns(of: projection, experts: file.experts))
        }
        return logits + [
            tensor("topk_index", .i32, width), tensor("topk_weight", .f32, width), tensor("kept", .u8, width),
        ]
    }

    /// Adds some tokens of a layer, which stands at a place among the layers.
    func write(_ batch: RouterBatch, _ plan: DispatchPlan, layer: Int, firstToken: Int) throws(TensorFileError) {
        let prefix = "layers.\(layer)."
        for (projection, logits) in zip(router.projections, batch.projections) {
            try writer.write(prefix + projection.tensorName, atRow: firstToken, floats: logits.values)
        }
        let choices = ChoiceRows(plan, width: width)
        try writer.write(prefix + "topk_index", atRow: firstToken, integers: choices.experts)
        try writer.write(prefix + "topk_weight", atRow: firstToken, floats: choices.weights)
        try writer.write(prefix + "kept", atRow: firstToken, integers: choices.kept)
    }

    /// Puts the file in place; before this there is none under its name.
    func finish() throws(TensorFileError) {
        try writer.finish()
    }
}
