/// What oneDNN does to a product before it stores it.
enum PostOperation: Equatable {
    /// x * sigmoid(alpha * x).
    case swish(alpha: Float)
    /// GELU by its tanh approximation.
    case geluTanh
    /// max(x, 0).
    case relu
    /// Limits to `lower...upper`.
    case clip(lower: Float, upper: Float)
    /// x + offset.
    case add(Float)
    /// Times a single-precision matrix of the product's own shape.
    case multiplyByMatrix
}
