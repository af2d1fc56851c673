internal import COneDNN

/// The post-operations of a product, in oneDNN's form.
@safe final class ProductAttributes {
    let handle: dnnl_primitive_attr_t
    /// Which post-operation multiplies by a matrix, if one does.
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
