/// A worker's message that its weights are in place.
public struct Ready: Codable, Equatable, Sendable {
    /// Bytes of packed expert weights.
    public var weightBytes: Int
    /// What oneDNN calls the product implementations that will run.
    public var kernels: [String]
    /// True when the weights were there from an earlier run.
    public var reused: Bool

    /// A worker's readiness.
    public init(weightBytes: Int, kernels: [String], reused: Bool) {
        self.weightBytes = weightBytes
        self.kernels = kernels
        self.reused = reused
    }
}
