/// The form in which a rank launches the products of its experts.
public enum ProductKernel: String, Codable, CaseIterable, Sendable {
    /// Rows of all experts packed one behind the other, each queue padded to a tile, launched by the host: prefill.
    case contiguous
    /// A fixed slot per expert, of which only filled rows are computed, in a captured graph: decode.
    case masked
}
