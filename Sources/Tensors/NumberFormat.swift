/// The number types that a configuration may name for products and for rows on the wire.
public enum NumberFormat: String, CaseIterable, Sendable {
    /// IEEE 754 single, 4 bytes.
    case f32
    /// bfloat16, 2 bytes; products sum in single.
    case bf16

    /// The type as tensors name it.
    public var dtype: DType {
        switch self {
        case .f32: .f32
        case .bf16: .bf16
        }
    }
}
