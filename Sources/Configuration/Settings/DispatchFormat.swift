public import Tensors

/// The number types that a configuration may name for rows on their way to the experts.
public enum DispatchFormat: String, Codable, CaseIterable, Sendable {
    /// That of `cluster.payload`.
    case payload
    /// IEEE 754 single, 4 bytes.
    case f32
    /// bfloat16, 2 bytes.
    case bf16
    /// float8 (E4M3) with a scale for each 128 values, as DeepSeek-V3 dispatches (arXiv 2412.19437, section 3.3).
    case fp8

    /// The type as tensors name it.
    public func dtype(payload: NumberFormat) -> DType {
        switch self {
        case .payload: payload.dtype
        case .f32: .f32
        case .bf16: .bf16
        case .fp8: .f8e4m3
        }
    }
}
