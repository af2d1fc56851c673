internal import Experts
internal import MoE
internal import Tensors

/// One kernel per shape of expert.
struct ExpertKernels {
    private let compute: ComputeEngine
    private let dtype: DType
    private let outputType: DType
    private var kernels: [ExpertKernel] = []

    init(compute: ComputeEngine, dtype: DType, outputType: DType) {
        self.compute = compute
        self.dtype = dtype
        self.outputType = outputType
    }

    /// What oneDNN calls the product implementations that run.
    var implementations: [String] { Array(Set(kernels.flatMap(\.implementations))).sorted() }

    /// Makes what small numbers of rows need. Once the weights are in place there is room for it that loading took.
    func prepare() throws(ComputeError) {
        for kernel in kernels { try kernel.prepare() }
    }

    /// The kernel for experts of a shape.
    mutating func kernel(_ shape: ExpertShape) throws(ComputeError) -> ExpertKernel {
        if let known = kernels.first(where: { $0.shape == shape }) { return known }
        let kernel = try ExpertKernel(compute: compute, shape: shape, dtype: dtype, outputType: outputType)
        kernels.append(kernel)
        return kernel
    }
}
