/// Who comes first when more copies ask for an expert than its queue holds.
public enum ContestOrder: Equatable, Sendable {
    /// The earliest token first, and within a token by order of choice.
    case position
}
