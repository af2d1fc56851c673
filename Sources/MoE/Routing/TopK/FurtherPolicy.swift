/// The policy for second and later choices, as a configuration names it: ``FurtherChoices`` without their thresholds.
public enum FurtherPolicy: String, Codable, CaseIterable, Sendable {
    /// Ask for all second and later choices.
    case all
    /// Ask for first choices only.
    case none
    /// Ask for each second or later choice whose weight is above the threshold.
    case threshold
    /// Ask for each second or later choice with probability weight / threshold.
    case random
    /// Ask for each second or later choice with probability score / threshold.
    case randomByScore = "random-by-score"
    /// Ask for all second and later choices, but draw them at random instead of by rank.
    case sampling

    /// True where the policy reads a threshold.
    public var hasThreshold: Bool { self == .threshold || self == .random || self == .randomByScore }
}

extension FurtherChoices {
    /// Create the choices of a policy; `threshold` is used where the policy has one.
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

    /// The threshold of the policy, or nil where the policy has none.
    public var threshold: Double? {
        switch self {
        case .threshold(let threshold), .random(let threshold), .randomByScore(let threshold): threshold
        case .all, .none, .sampling: nil
        }
    }
}
