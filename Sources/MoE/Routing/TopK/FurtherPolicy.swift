/// The names of ``FurtherChoices`` without their thresholds.
public enum FurtherPolicy: String, Codable, CaseIterable, Sendable {
    /// Always.
    case all
    /// Never.
    case none
    /// Where the weight is above the threshold.
    case threshold
    /// With probability weight / threshold.
    case random
    /// With probability score / threshold.
    case randomByScore = "random-by-score"
    /// Always, drawn instead of ranked.
    case sampling

    /// True where it reads a threshold.
    public var hasThreshold: Bool { self == .threshold || self == .random || self == .randomByScore }
}

extension FurtherChoices {
    /// A policy with the threshold that it may read.
    public init(_ policy: FurtherPolicy, threshold: Double) {
        switch policy {
        case .all: self = .all
        case .none: self = .none
        case .threshold: self = .threshold(threshold)
        case .random: self = .random(threshold: threshold)
        case .randomByScore: self = .randomByScore(threshold: threshold)
        case .sampling: self = .sampling
        }
    }

    /// The policy.
    public var policy: FurtherPolicy {
        switch self {
        case .all: .all
        case .none: .none
        case .threshold: .threshold
        case .random: .random
        case .randomByScore: .randomByScore
        case .sampling: .sampling
        }
    }

    /// The threshold, or nil where there is none.
    public var threshold: Double? {
        switch self {
        case .threshold(let threshold), .random(let threshold), .randomByScore(let threshold): threshold
        case .all, .none, .sampling: nil
        }
    }
}
