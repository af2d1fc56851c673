import Foundation

/// The rule by which a token asks for its second and later choices.
///
/// g is the weight of the choice, after renormalisation where that comes before the drop.
public enum FurtherChoices: Equatable, Sendable {
    /// Always.
    case all
    /// Never: only first choices are asked for.
    case none
    /// Where g is above the threshold (Mesh TensorFlow).
    case threshold(Double)
    /// With probability g / threshold (Mesh TensorFlow and ST-MoE with 0.2; GShard's 2 g > U is the threshold 0.5).
    case random(threshold: Double)
    /// As `random`, by the score itself, which also becomes the weight (NLLB).
    case randomByScore(threshold: Double)
    /// Always, the expert being drawn with the probability of its softmax among those not chosen yet: the largest of
    /// logits plus Gumbel noise (lingvo, DeepSpeed, NLLB).
    case sampling

    /// True where random numbers take part.
    var isRandom: Bool {
        switch self {
        case .all, .none, .threshold: false
        case .random, .randomByScore, .sampling: true
        }
    }

    /// Whether a choice of weight `weight` and score `score` is asked for, given a uniform number.
    func asks(weight: Double, score: Double, uniform: () -> Double) -> Bool {
        switch self {
        case .all, .sampling: true
        case .none: false
        case .threshold(let threshold): weight > threshold
        case .random(let threshold): uniform() < weight / max(threshold, 1e-9)
        case .randomByScore(let threshold): uniform() < score / max(threshold, 1e-9)
        }
    }
}
