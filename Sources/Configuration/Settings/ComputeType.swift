/// The number types of the experts' matrix products.
public enum ComputeType: String, Codable, CaseIterable, Sendable {
    /// IEEE 754 single.
    case f32
    /// bfloat16 factors, summed in single.
    case bf16
}
