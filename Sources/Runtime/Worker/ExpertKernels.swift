internal import Experts
internal import MoE
internal import Tensors

/// One kernel per shape of expert.
struct ExpertKernels {
    private let compute: ComputeEngine
    private let dtype: DType
    private var kernels: [ExpertKernel] = []

    init(compute: ComputeEngine, dtype: DType) {
        self.compute = compute
        self.dtype = dtype
    }

    /// What oneDNN calls the product implementations that run.
    var implementations: [String] { Array(Set(kernels.flatMap(\.implementations))).sorted() }

    /// The kernel for experts of a shape.
    mutating func kernel(_ shape: ExpertShape) throws(ComputeError) -> ExpertKernel {
        if let known = kernels.first(where: { $0.shape == shape }) { return known }
        let kernel = try ExpertKernel(compute: compute, shape: shape, dtype: dtype)
        kernels.append(kernel)
        return kernel
    }
}
