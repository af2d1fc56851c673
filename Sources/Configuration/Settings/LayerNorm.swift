/// What a layer does to its input before the gate and the experts read it.
public enum LayerNorm: String, Codable, CaseIterable, Sendable {
    /// Root-mean-square norm without a gain (Zhang and Sennrich 2019, arXiv 1910.07467).
    case rms
    /// Nothing.
    case none
}
