import MoE
import Basics
internal import Cluster
internal import Experts
internal import Tensors

/// What a worker will need in memory for its experts.
struct ShardMemory {
    /// Bytes of all packed weights, of the largest expert in singles while it is packed, and of the inner activations.
    let byteCount: Int

    /// - Throws: `ComputeError` when this processor has no products.
    init(_ weights: Assignment.Weights) throws(ComputeError) {
        let model = weights.model
        let held = try HeldBytes(
            model,
            dtype: weights.dtype,
            plan: weights.products,
            compute: ComputeEngine(threads: weights.threads)
        )
        let routed = Double(weights.experts.reduce(0) { $0 + $1.count })
        let common = weights.holdsCommonExperts ? Double(model.layers) * held.commonExperts : 0
        let packed = routed * held.routedExpert + common
        // Doubles, because widths that an assignment allows make products beyond the range of integers.
        let largest =
            (weights.commonExperts.map(\.shape) + [model.expert]).map { Double($0.parameterCount) }.max() ?? 0
        let shapes = weights.commonExperts.map(\.shape) + (routed > 0 ? [model.expert] : [])
        let scratch = shapes.reduce(0) { $0 + Double(ExpertKernel.scratchByteCount($1)) }
        byteCount = Int(min(packed + largest * Double(DType.f32.byteCount) + scratch, 0x1p62))
    }

    func check(available: Int?) throws(RuntimeError) {
        guard let available, byteCount > available else { return }
        let gibibytes = DisplayUnit.gibibytes(decimals: 1)
        throw .local(
            "they need \(gibibytes.full(Double(byteCount))); \(gibibytes.full(Double(available))) are free there"
        )
    }
}
