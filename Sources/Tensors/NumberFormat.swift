/// The number types that a configuration may name for products and for rows on the wire.
public enum NumberFormat: String, CaseIterable, Sendable {
    /// IEEE 754 single, 4 bytes.
    case f32
    /// bfloat16, 2 bytes; products sum in single.
    case bf16
    /// float8 (E4M3) with a scale for each 128 values, as DeepSeek-V3 dispatches (arXiv 2412.19437, section 3.3).
    case fp8

    /// Those of live products and of outputs on the wire.
    public static let ofProducts: [NumberFormat] = [.f32, .bf16]
    /// Those of modelled accelerators.
    public static let ofAccelerators: [NumberFormat] = [.fp8, .bf16]

    /// The type as tensors name it.
    public var dtype: DType {
        switch self {
        case .f32: .f32
        case .bf16: .bf16
        case .fp8: .f8e4m3
        }
    }
}
