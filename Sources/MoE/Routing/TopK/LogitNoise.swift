/// Noise that is added to the logits of a token before anything else.
public enum LogitNoise: Equatable, Sendable {
    /// Normal noise with mean 0 and this standard deviation (the lecture form of KeepTopK).
    case normal(Double)
    /// Standard Gumbel noise, for the choice but not the weight: it draws an expert with the probability of its softmax
    /// (DeepSpeed `RSample`).
    case gumbelForChoice
}
