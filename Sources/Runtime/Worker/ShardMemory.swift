internal import Cluster
internal import MoE
internal import Tensors

/// What a worker will need in memory for its experts.
struct ShardMemory {
    /// Bytes of all packed weights, and of the largest expert in singles while it is packed.
    let byteCount: Int

    init(_ weights: Assignment.Weights) {
        let model = weights.model
        let replicated = weights.replicatedExperts.map(\.shape.parameterCount)
        let routed = weights.experts.reduce(0) { $0 + $1.count } * model.expert.parameterCount
        let packed = (routed + replicated.reduce(0, +) * model.layers) * weights.dtype.byteCount
        let largest = (replicated + [model.expert.parameterCount]).max() ?? 0
        byteCount = packed + largest * DType.f32.byteCount
    }

    func check(available: Int?) throws(RuntimeError) {
        guard let available, byteCount > available else { return }
        throw .local("they need \(Gibibytes.text(byteCount)) GiB; \(Gibibytes.text(available)) GiB are free there")
    }
}
