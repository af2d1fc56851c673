internal import Cluster
internal import Experts
internal import MoE
internal import Tensors

/// The experts that a process hosts: packed weights of every layer, and the kernels that run them.
///
/// It lives on the thread that computes.
final class ExpertShard {
    /// One expert in its place.
    enum Slot {
        /// Has no weights.
        case returnsInput
        case products(ExpertKernel, PackedExpert)

        var byteCount: Int {
            if case .products(_, let weights) = self { return weights.byteCount }
            return 0
        }
    }

    let weights: Assignment.Weights
    /// What the experts write: F32 or BF16.
    let outputType: DType

    private let slots: [[Slot]]
    private let kernels: ExpertKernels

    /// Makes or reads the weights, and packs them; one expert at a time is held in singles.
    ///
    /// - Throws: `CheckpointError` or `ComputeError`.
    init(_ weights: Assignment.Weights, outputType: DType = .f32) throws {
        self.weights = weights
        self.outputType = outputType
        let source = try weights.source.open(model: weights.model)
        var kernels = try ExpertKernels(
            compute: ComputeEngine(threads: weights.threads),
            dtype: weights.dtype,
            outputType: outputType,
            forms: weights.products.forms(on: Host.productProcessor, threads: weights.threads)
        )
        slots = try weights.experts.enumerated().map { layer, experts in
            let plan = weights.products
            let held =
                experts.map { (ExpertIdentity.routed($0), plan.routed) }
                + weights.commonExperts.map { ($0.identity, plan.everyToken) }
            return try held.map { expert, work in
                let parameters = try source.expertParameters(of: expert, layer: layer)
                guard !parameters.shape.returnsInput else { return .returnsInput }
                let kernel = try kernels.kernel(parameters.shape, work)
                return .products(kernel, try kernel.pack(parameters))
            }
        }
        try kernels.prepare()
        self.kernels = kernels
    }

    /// Whether these are the experts of an assignment, in the forms that it wants.
    func holds(_ wanted: Assignment.Weights) -> Bool {
        var same = wanted
        same.products = weights.products
        return same == weights
            && weights.products.holdsWeights(as: wanted.products, of: wanted.model, dtype: wanted.dtype)
    }

    /// Bytes of packed weights.
    var byteCount: Int { slots.joined().reduce(0) { $0 + $1.byteCount } }

    /// What oneDNN calls the product implementations that run.
    var implementations: [String] { kernels.implementations }

    /// The expert in a slot of a layer; routed experts come first.
    func expert(layer: Int, slot: Int) -> Slot { slots[layer][slot] }
}
