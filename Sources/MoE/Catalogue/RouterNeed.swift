/// An input that a router needs beside logits.
public enum RouterNeed: Sendable {
    /// The vocabulary ids of the tokens.
    case tokenIDs
    /// Choices that were recorded.
    case recordedChoices
    /// In training, a number of tokens that the experts divide.
    case evenTokens
}
