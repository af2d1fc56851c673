/// An input that a router needs beside logits.
public enum RouterNeed: Sendable {
    /// The vocabulary ids of the tokens.
    case tokenIDs
    /// Choices that were recorded.
    case recordedChoices
    /// In training, as many tokens as the experts divide.
    case evenTokens
}
