internal import COneDNN
internal import MoE

/// One oneDNN product for one number of rows, with its memory handles.
@safe final class ProductPrimitive {
    let implementation: String
    /// The layout that the weights must have.
    let weights: dnnl_memory_desc_t

    private let compute: ComputeEngine
    private let primitive: dnnl_primitive_t
    private let input: MemoryHandle
    private let output: MemoryHandle
    private let factor: MemoryHandle?
    /// The arguments of the product: input, weights, output, then a bias and a factor if the product has them.
    private let arguments: UnsafeMutableBufferPointer<dnnl_exec_arg_t>

    init(
        compute: ComputeEngine,
        operation: ProductForm.Operation,
        input: dnnl_memory_desc_t,
        weights: dnnl_memory_desc_t,
        bias: dnnl_memory_desc_t?,
        output: dnnl_memory_desc_t,
        factor: dnnl_memory_desc_t,
        postOperations: [PostOperation]
    ) throws(ComputeError) {
        let attributes = try ProductAttributes(postOperations: postOperations, factor: factor)
        let description = unsafe try operation.describe(
            compute,
            input: input,
            weights: weights,
            bias: bias,
            output: output,
            attributes
        )
        defer { unsafe dnnl_primitive_desc_destroy(description) }
        var made: dnnl_primitive_t?
        try ComputeError.check(unsafe dnnl_primitive_create(&made, description), "primitive_create")
        guard let made = unsafe made else { throw ComputeError("oneDNN primitive_create: no primitive") }
        guard let layout = unsafe dnnl_primitive_desc_query_md(description, dnnl_query_weights_md, 0) else {
            unsafe dnnl_primitive_destroy(made)
            throw ComputeError("oneDNN primitive_desc_query_md: no layout for the weights")
        }
        self.compute = compute
        unsafe primitive = made
        implementation = unsafe Self.implementationName(description)
        self.weights = unsafe layout.pointee
        self.input = try MemoryHandle(compute: compute, descriptor: input)
        self.output = try MemoryHandle(compute: compute, descriptor: output)
        self.factor = try attributes.factorIndex.map { _ throws(ComputeError) in
            try MemoryHandle(compute: compute, descriptor: factor)
        }
        unsafe arguments = .allocate(capacity: 3 + (bias == nil ? 0 : 1) + (attributes.factorIndex == nil ? 0 : 1))
        unsafe arguments[0] = dnnl_exec_arg_t(arg: DNNL_ARG_SRC, memory: self.input.memory)
        unsafe arguments[1] = dnnl_exec_arg_t(arg: DNNL_ARG_WEIGHTS, memory: nil)
        unsafe arguments[2] = dnnl_exec_arg_t(arg: DNNL_ARG_DST, memory: self.output.memory)
        if bias != nil { unsafe arguments[3] = dnnl_exec_arg_t(arg: DNNL_ARG_BIAS, memory: nil) }
        if let factor = self.factor, let index = attributes.factorIndex {
            let argument = DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE * (Int32(index) + 1) | DNNL_ARG_SRC_1
            unsafe arguments[arguments.count - 1] = dnnl_exec_arg_t(arg: argument, memory: factor.memory)
        }
    }

    deinit {
        unsafe arguments.deallocate()
        unsafe dnnl_primitive_destroy(primitive)
    }

    /// Whether the product is multiplied by a factor matrix.
    var takesFactor: Bool { factor != nil }

    /// Bytes of the weights in the layout that they must have.
    var weightByteCount: Int {
        var layout = weights
        return unsafe dnnl_memory_desc_get_size(&layout)
    }

    /// True when weights packed for this primitive can be used by `other` as they are.
    func takesSameWeights(as other: ProductPrimitive) -> Bool {
        var own = weights
        var others = other.weights
        return unsafe dnnl_memory_desc_equal(&own, &others) != 0
    }

    @unsafe
    func run(
        stream: dnnl_stream_t,
        input inputBytes: UnsafeRawPointer,
        weights: PackedWeights,
        factor factorBytes: UnsafeRawPointer?,
        output outputBytes: UnsafeMutableRawPointer
    ) throws(ComputeError) {
        unsafe try input.point(at: UnsafeMutableRawPointer(mutating: inputBytes))
        unsafe try output.point(at: outputBytes)
        unsafe arguments[1].memory = weights.handle.memory
        if let bias = weights.bias { unsafe arguments[3].memory = bias.memory }
        if let factor {
            guard let factorBytes = unsafe factorBytes else { throw ComputeError("the product wants a factor matrix") }
            unsafe try factor.point(at: UnsafeMutableRawPointer(mutating: factorBytes))
        }
        try ComputeError.check(
            unsafe dnnl_primitive_execute(primitive, stream, Int32(arguments.count), arguments.baseAddress),
            "primitive_execute"
        )
        unsafe try ComputeError.check(dnnl_stream_wait(stream), "stream_wait")
    }

    private static func implementationName(_ description: dnnl_primitive_desc_t) -> String {
        var name: UnsafePointer<CChar>?
        let status = unsafe withUnsafeMutablePointer(to: &name) {
            unsafe dnnl_primitive_desc_query(description, dnnl_query_impl_info_str, 0, UnsafeMutableRawPointer($0))
        }
        guard status == dnnl_success, let text = unsafe name else { return "unknown" }
        return unsafe String(cString: text)
    }
}
