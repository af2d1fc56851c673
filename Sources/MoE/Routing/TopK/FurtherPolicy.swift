/// The names of ``FurtherChoices`` without their thresholds.
public enum FurtherPolicy: String, Codable, CaseIterable, Sendable {
    /// All further choices.
    case all
    /// No further choices.
    case none
    /// Further choices of a weight above the threshold.
    case threshold
    /// Each further choice with probability weight / threshold.
    case random
    /// Each further choice with probability score / threshold.
    case randomByScore = "random-by-score"
    /// All further choices, drawn instead of ranked.
    case sampling

    /// True where the policy reads a threshold.
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

    /// The name of the policy, without its threshold.
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
