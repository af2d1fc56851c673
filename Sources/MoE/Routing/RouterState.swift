/// What a router remembers from step to step in one layer.
public struct RouterState: Codable, Equatable, Sendable {
    /// Added to the score of each expert for selection only; empty when the router has none.
    public var selectionBias: [Float]

    /// A state without any memory.
    public init(selectionBias: [Float] = []) {
        self.selectionBias = selectionBias
    }
}
