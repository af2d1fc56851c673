/// The number types of token rows on the wire.
public enum PayloadType: String, Codable, CaseIterable, Sendable {
    /// IEEE 754 single, 4 bytes.
    case f32
    /// bfloat16, 2 bytes.
    case bf16
}
