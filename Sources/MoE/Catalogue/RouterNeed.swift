/// An input that a router needs beside logits.
public enum RouterNeed: Sendable {
    /// The vocabulary ids of the tokens.
    case tokenIDs
    /// Expert choices that were recorded elsewhere, to be replayed.
    case recordedChoices
    /// In training, a number of tokens that is a multiple of the number of experts.
    case evenTokens
}
