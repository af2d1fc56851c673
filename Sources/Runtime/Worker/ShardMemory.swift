internal import Cluster
internal import Experts
internal import MoE
internal import Tensors

/// What a worker will need in memory for its experts.
struct ShardMemory {
    /// Bytes of all packed weights, of the largest expert in singles while it is packed, and of the inner activations.
    let byteCount: Int

    /// - Throws: `ComputeError` when this processor has no products.
    init(_ weights: Assignment.Weights) throws(ComputeError) {
        let held = try ExpertKernel.productType(of: weights.dtype, compute: ComputeEngine(threads: weights.threads))
        let model = weights.model
        // Doubles, because widths that an assignment allows make products beyond the range of integers.
        let replicated = weights.replicatedExperts.map { Double($0.shape.parameterCount) }
        let expert = Double(model.expert.parameterCount)
        let routed = Double(weights.experts.reduce(0) { $0 + $1.count }) * expert
        let packed = (routed + replicated.reduce(0, +) * Double(model.layers)) * Double(held.byteCount)
        let largest = (replicated + [expert]).max() ?? 0
        let shapes = weights.replicatedExperts.map(\.shape) + (routed > 0 ? [model.expert] : [])
        let scratch = shapes.reduce(0) { $0 + Double(ExpertKernel.scratchByteCount($1)) }
        byteCount = Int(min(packed + largest * Double(DType.f32.byteCount) + scratch, 0x1p62))
    }

    func check(available: Int?) throws(RuntimeError) {
        guard let available, byteCount > available else { return }
        throw .local("they need \(Gibibytes.text(byteCount)) GiB; \(Gibibytes.text(available)) GiB are free there")
    }
}
