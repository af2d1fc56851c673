/// The entry of one tensor in a file: name, element type and shape, row-major.
public struct TensorSpec: Equatable, Sendable {
    /// The name in the file.
    public let name: String
    /// The type of the elements.
    public let dtype: DType
    /// Elements per dimension; empty for a single number.
    public let shape: [Int]

    /// A tensor of the given type and shape.
    public init(name: String, dtype: DType, shape: [Int]) {
        self.name = name
        self.dtype = dtype
        self.shape = shape
    }

    /// Size of the first dimension; 1 for a single number.
    public var rows: Int { shape.first ?? 1 }

    /// Bytes of the whole tensor, or nil when a dimension is negative or the dimensions are too large to multiply.
    ///
    /// The dimensions beside a zero must be multipliable as well, so that rows can be counted without a check.
    public var byteCount: Int? {
        var product = dtype.byteCount
        for dimension in shape where dimension != 0 {
            let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
            guard dimension > 0, !overflow else { return nil }
            product = next
        }
        return shape.contains(0) ? 0 : product
    }
}
