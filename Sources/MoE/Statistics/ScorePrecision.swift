public import Tensors

/// The precision in which a model's scores were computed, in which experts tie.
public enum ScorePrecision: String, CaseIterable, Codable, Sendable {
    /// Single precision, in which most models route.
    case f32
    /// bfloat16: 8 significant bits.
    case bf16
    /// Half precision: 11 significant bits.
    case f16

    /// The precision of numbers that are stored in a type; single for all but the two short ones.
    public init(_ dtype: DType) {
        switch dtype {
        case .bf16: self = .bf16
        case .f16: self = .f16
        default: self = .f32
        }
    }

    /// The precision that a text names as PyTorch, safetensors or epsim do (`torch.bfloat16`, `BF16`, `bf16`), or nil.
    public init?(named text: String) {
        let name = text.lowercased().split(separator: ".").last.map(String.init) ?? ""
        switch name {
        case "f32", "fp32", "float32", "float": self = .f32
        case "bf16", "bfloat16": self = .bf16
        case "f16", "fp16", "float16", "half": self = .f16
        default: return nil
        }
    }

    /// The largest relative difference of two neighbouring numbers; that of single precision is 10⁻⁵ here, as sums over
    /// experts have the errors of many numbers.
    public var weightTolerance: Double {
        switch self {
        case .f32: 1e-5
        case .bf16: 0x1p-7
        case .f16: 0x1p-10
        }
    }

    /// The nearest number of the precision, ties to even.
    func rounded(_ value: Float) -> Float {
        switch self {
        case .f32: value
        case .bf16: BFloat16(value).float
        case .f16: Float(Float16(value))
        }
    }
}
