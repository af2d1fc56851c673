internal import COneDNN
internal import MoE
internal import Tensors

/// The oneDNN descriptors of rows, weights, bias and product for each operation.
extension ProductForm.Operation {
    /// True when an implementation gives a row the same bits whatever rows stand beside it, and packs the weights.
    ///
    /// The tests on products hold this for each instruction set that the machine can stand for.
    func keepsBits(_ implementation: String) -> Bool {
        switch self {
        case .packedMatmul: implementation.hasPrefix("brg")
        case .convolution: implementation.hasPrefix("jit_1x1")
        case .transposedMatmul: false
        }
    }

    /// The descriptor of rows `[rows, columns]` in the layout that the operation takes.
    func rows(_ rows: Int, _ columns: Int, _ dtype: DType) throws(ComputeError) -> dnnl_memory_desc_t {
        switch self {
        case .packedMatmul, .transposedMatmul: try MemoryDescriptor.rowMajor(rows, columns, dtype)
        case .convolution: try MemoryDescriptor.pixels(rows, columns, dtype)
        }
    }

    /// The descriptor of the weights in the layout that the operation takes: any that the primitive prefers where they
    /// are packed.
    func weights(inputs: Int, outputs: Int, _ dtype: DType) throws(ComputeError) -> dnnl_memory_desc_t {
        switch self {
        case .packedMatmul: try MemoryDescriptor.anyLayout(inputs, outputs, dtype)
        case .transposedMatmul: try MemoryDescriptor.transposed(inputs, outputs, dtype)
        case .convolution: try MemoryDescriptor.anyFilters(outputs, inputs, dtype)
        }
    }

    /// The layout of weights as they are stored: `[outputs, inputs]`, row-major singles.
    func storedWeights(inputs: Int, outputs: Int) throws(ComputeError) -> dnnl_memory_desc_t {
        switch self {
        case .packedMatmul, .transposedMatmul: try MemoryDescriptor.transposed(inputs, outputs, .f32)
        case .convolution: try MemoryDescriptor.filters(outputs, inputs, .f32)
        }
    }

    /// The layout of a bias, `[outputs]` singles.
    func bias(outputs: Int) throws(ComputeError) -> dnnl_memory_desc_t {
        switch self {
        case .packedMatmul, .transposedMatmul: try MemoryDescriptor.rowMajor(1, outputs, .f32)
        case .convolution: try MemoryDescriptor.vector(outputs, .f32)
        }
    }

    /// Make oneDNN's primitive descriptor of the product.
    ///
    /// - Throws: when there is no implementation for this processor.
    @unsafe
    func describe(
        _ compute: ComputeEngine,
        input: dnnl_memory_desc_t,
        weights: dnnl_memory_desc_t,
        bias: dnnl_memory_desc_t?,
        output: dnnl_memory_desc_t,
        _ attributes: ProductAttributes
    ) throws(ComputeError) -> dnnl_primitive_desc_t {
        var (source, factors, destination) = (input, weights, output)
        var offsets = bias.map { [$0] } ?? []
        switch self {
        case .packedMatmul, .transposedMatmul:
            var operation = dnnl_matmul_desc_t()
            let status = unsafe offsets.withUnsafeMutableBufferPointer {
                unsafe dnnl_matmul_desc_init(
                    &operation,
                    &source,
                    &factors,
                    $0.isEmpty ? nil : $0.baseAddress,
                    &destination
                )
            }
            try ComputeError.check(status, "matmul_desc_init")
            return unsafe try Self.create(compute, &operation, attributes, "matmul")
        case .convolution:
            var operation = dnnl_convolution_desc_t()
            let (strides, padding): ([Int64], [Int64]) = ([1, 1], [0, 0])
            let status = unsafe offsets.withUnsafeMutableBufferPointer {
                unsafe dnnl_convolution_forward_desc_init(
                    &operation,
                    dnnl_forward_inference,
                    dnnl_convolution_direct,
                    &source,
                    &factors,
                    $0.isEmpty ? nil : $0.baseAddress,
                    &destination,
                    strides,
                    padding,
                    padding
                )
            }
            try ComputeError.check(status, "convolution_forward_desc_init")
            return unsafe try Self.create(compute, &operation, attributes, "convolution")
        }
    }

    @unsafe
    private static func create(
        _ compute: ComputeEngine,
        _ operation: UnsafeRawPointer,
        _ attributes: ProductAttributes,
        _ name: String
    ) throws(ComputeError) -> dnnl_primitive_desc_t {
        var description: dnnl_primitive_desc_t?
        let status = unsafe dnnl_primitive_desc_create(
            &description,
            operation,
            attributes.handle,
            compute.engine,
            nil
        )
        try ComputeError.check(status, "primitive_desc_create(\(name))")
        guard let description = unsafe description else {
            throw ComputeError("oneDNN primitive_desc_create(\(name)): no description")
        }
        return unsafe description
    }
}

/// The post-operations of a product, in oneDNN's form.
@safe final class ProductAttributes {
    let handle: dnnl_primitive_attr_t
    /// The index of the post-operation that multiplies by a matrix, or nil when there is none.
    private(set) var factorIndex: Int?

    init(postOperations: [PostOperation], factor: dnnl_memory_desc_t) throws(ComputeError) {
        var attributes: dnnl_primitive_attr_t?
        try ComputeError.check(unsafe dnnl_primitive_attr_create(&attributes), "primitive_attr_create")
        guard let attributes = unsafe attributes else {
            throw ComputeError("oneDNN primitive_attr_create: no attributes")
        }
        unsafe handle = attributes
        var operations: dnnl_post_ops_t?
        try ComputeError.check(unsafe dnnl_post_ops_create(&operations), "post_ops_create")
        guard let operations = unsafe operations else {
            throw ComputeError("oneDNN post_ops_create: no post-operations")
        }
        defer { unsafe dnnl_post_ops_destroy(operations) }
        for (index, operation) in postOperations.enumerated() {
            unsafe try ComputeError.check(
                Self.append(operation, factor, to: operations),
                "post_ops_append(\(operation))"
            )
            if operation == .multiplyByMatrix { factorIndex = index }
        }
        unsafe try ComputeError.check(
            dnnl_primitive_attr_set_post_ops(attributes, operations),
            "primitive_attr_set_post_ops"
        )
    }

    deinit {
        unsafe dnnl_primitive_attr_destroy(handle)
    }

    private static func append(
        _ operation: PostOperation,
        _ factor: dnnl_memory_desc_t,
        to operations: dnnl_post_ops_t
    ) -> dnnl_status_t {
        switch operation {
        case .swish(let alpha):
            return unsafe dnnl_post_ops_append_eltwise(operations, 1, dnnl_eltwise_swish, alpha, 0)
        case .geluTanh:
            return unsafe dnnl_post_ops_append_eltwise(operations, 1, dnnl_eltwise_gelu_tanh, 0, 0)
        case .relu:
            return unsafe dnnl_post_ops_append_eltwise(operations, 1, dnnl_eltwise_relu, 0, 0)
        case .clip(let lower, let upper):
            return unsafe dnnl_post_ops_append_eltwise(operations, 1, dnnl_eltwise_clip, lower, upper)
        case .add(let offset):
            return unsafe dnnl_post_ops_append_eltwise(operations, 1, dnnl_eltwise_linear, 1, offset)
        case .multiplyByMatrix:
            var descriptor = factor
            return unsafe dnnl_post_ops_append_binary(operations, dnnl_binary_mul, &descriptor)
        }
    }
}
