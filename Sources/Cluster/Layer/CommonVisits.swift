/// The visits of a layer's tokens to one common expert, on the rank that owns the token.
public struct CommonVisits: Equatable, Sendable {
    /// The row of the layer's input that the expert reads for token 0; token t is so many rows further.
    public var firstRow: Int
    /// What multiplies the output for each token, `[tokens]`, or nil for 1.
    public var weights: [Float]?

    /// Visits that read the layer's input from `firstRow` on.
    public init(firstRow: Int = 0, weights: [Float]? = nil) {
        self.firstRow = firstRow
        self.weights = weights
    }

    /// What multiplies the output for one token.
    public func weight(ofToken token: Int) -> Float { weights?[token] ?? 1 }
}
