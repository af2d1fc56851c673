internal import Experts
internal import MoE
internal import Tensors

/// One kernel per shape and work of experts.
struct ExpertKernels {
    private let compute: ComputeEngine
    private let dtype: DType
    private let outputType: DType
    private let forms: ProductForms
    private var kernels: [ExpertKernel] = []

    init(compute: ComputeEngine, dtype: DType, outputType: DType, forms: ProductForms) {
        self.compute = compute
        self.dtype = dtype
        self.outputType = outputType
        self.forms = forms
    }

    /// What oneDNN calls the product implementations that run.
    var implementations: [String] { Array(Set(kernels.flatMap(\.implementations))).sorted() }

    /// Makes what small numbers of rows need. Once the weights are in place there is room for it that loading took.
    func prepare() throws(ComputeError) {
        for kernel in kernels { try kernel.prepare() }
    }

    /// The kernel for experts of a shape that have so much work.
    mutating func kernel(_ shape: ExpertShape, _ work: WorkClass) throws(ComputeError) -> ExpertKernel {
        if let known = kernels.first(where: { $0.shape == shape && $0.work == work }) { return known }
        let kernel = try ExpertKernel(
            compute: compute,
            shape: shape,
            dtype: dtype,
            outputType: outputType,
            work: work,
            forms: forms
        )
        kernels.append(kernel)
        return kernel
    }
}
