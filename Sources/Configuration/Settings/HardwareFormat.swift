/// The number types of modelled accelerators.
public enum HardwareFormat: String, Codable, CaseIterable, Sendable {
    /// 8 bits with scales by block.
    case fp8
    /// bfloat16.
    case bf16
}
