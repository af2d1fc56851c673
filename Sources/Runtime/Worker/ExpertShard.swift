internal import Cluster
internal import Experts
internal import MoE
internal import Tensors

/// The experts that a worker hosts: packed weights of every layer, and the kernels that run them.
///
/// It lives on the compute thread.
final class ExpertShard {
    let weights: Assignment.Weights

    private let routedKernel: ExpertKernel
    private let sharedKernel: ExpertKernel?
    private let routed: [[PackedExpert]]
    private let shared: [PackedExpert]

    /// Makes and packs the weights.
    init(_ weights: Assignment.Weights) throws(ComputeError) {
        self.weights = weights
        let compute = try ComputeEngine(threads: weights.threads)
        let model = weights.model
        guard case .seed(let seed) = weights.source else { throw ComputeError("weights from a checkpoint") }
        let source = SeededWeights(seed: seed)
        let kernel = try ExpertKernel(compute: compute, shape: model.expert, dtype: weights.dtype)
        var routed: [[PackedExpert]] = []
        for (layer, experts) in weights.experts.enumerated() {
            var packed: [PackedExpert] = []
            for expert in experts {
                let parameters = source.parameters(of: .routed(expert), layer: layer, shape: model.expert)
                packed.append(try kernel.pack(parameters))
            }
            routed.append(packed)
        }
        var shared: [PackedExpert] = []
        var sharedKernel: ExpertKernel?
        if let shape = model.sharedExpert {
            let kernel = try ExpertKernel(compute: compute, shape: shape, dtype: weights.dtype)
            for layer in 0..<model.layers {
                shared.append(try kernel.pack(source.parameters(of: .shared, layer: layer, shape: shape)))
            }
            sharedKernel = kernel
        }
        routedKernel = kernel
        self.sharedKernel = sharedKernel
        self.routed = routed
        self.shared = shared
    }

    /// Bytes of packed weights.
    var byteCount: Int {
        routed.joined().reduce(0) { $0 + $1.byteCount } + shared.reduce(0) { $0 + $1.byteCount }
    }

    /// What oneDNN calls the product implementations that run.
    var kernels: [String] {
        Array(Set(routedKernel.implementations + (sharedKernel?.implementations ?? []))).sorted()
    }

    /// The kernel and the weights behind a slot of a layer.
    func expert(layer: Int, slot: Int) -> (kernel: ExpertKernel, weights: PackedExpert) {
        if let sharedKernel, slot == routed[layer].count { return (sharedKernel, shared[layer]) }
        return (routedKernel, routed[layer][slot])
    }
}
