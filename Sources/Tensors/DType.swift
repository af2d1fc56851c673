/// The element types that tensors are stored in, named as safetensors names them.
public enum DType: String, Codable, CaseIterable, Sendable {
    case f64 = "F64"
    case f32 = "F32"
    case f16 = "F16"
    case bf16 = "BF16"
    case f8e4m3 = "F8_E4M3"
    case i64 = "I64"
    case i32 = "I32"
    case i16 = "I16"
    case i8 = "I8"
    case u64 = "U64"
    case u32 = "U32"
    case u16 = "U16"
    case u8 = "U8"
    case bool = "BOOL"

    /// Bytes of one element.
    public var byteCount: Int {
        switch self {
        case .f64, .i64, .u64: 8
        case .f32, .i32, .u32: 4
        case .f16, .bf16, .i16, .u16: 2
        case .f8e4m3, .i8, .u8, .bool: 1
        }
    }

    /// True for the types that hold real numbers.
    public var isFloatingPoint: Bool {
        switch self {
        case .f64, .f32, .f16, .bf16, .f8e4m3: true
        default: false
        }
    }
}

/// The number types that a configuration may name for products and for rows on the wire.
public enum NumberFormat: String, CaseIterable, Sendable {
    /// IEEE 754 single, 4 bytes.
    case f32
    /// bfloat16, 2 bytes; products sum in single.
    case bf16
    /// float8 (E4M3) with a scale for each 128 values, as DeepSeek-V3 dispatches (arXiv 2412.19437, section 3.3).
    case fp8

    /// The formats of live products and of outputs on the wire.
    public static let ofProducts: [NumberFormat] = [.f32, .bf16]
    /// The formats that a modelled accelerator may compute in.
    public static let ofAccelerators: [NumberFormat] = [.fp8, .bf16]

    /// The element type of tensors in this format.
    public var dtype: DType {
        switch self {
        case .f32: .f32
        case .bf16: .bf16
        case .fp8: .f8e4m3
        }
    }
}
