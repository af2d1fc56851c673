/// Noise that is added to the logits of a token before anything else.
public enum LogitNoise: Equatable, Sendable {
    /// Normal with mean 0 and a fixed standard deviation (the lecture form of KeepTopK).
    case normal(Double)
    /// Standard Gumbel, for the choice only: it draws an expert with the probability of its softmax (DeepSpeed
    /// `RSample`).
    case gumbelForChoice
}
