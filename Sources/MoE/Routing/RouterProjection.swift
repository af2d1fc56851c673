/// A linear map from token to one number per expert that a router asks for.
public enum RouterProjection: Int, Codable, CaseIterable, Sendable {
    /// The gate: logits = x Wg^T.
    case gate = 0
    /// The noise scale of Shazeer 2017: raw = x Wnoise^T.
    case noise = 1
    /// The gate over the groups of a two-level hierarchy.
    case primaryGate = 2
    /// The noise scale over the groups of a two-level hierarchy.
    case primaryNoise = 3

    /// The tensor that holds its results, `[token, column]`, in files.
    public var tensorName: String {
        switch self {
        case .gate: "router_logits"
        case .noise: "noise_logits"
        case .primaryGate: "primary_logits"
        case .primaryNoise: "primary_noise_logits"
        }
    }
}
