/// What a run does beside running.
public struct SessionOptions: Sendable {
    /// Recompute every token by a plain loop and compare.
    public var verifies: Bool
    /// Where outputs are saved, if they are.
    public var outputsPath: String?

    /// Options of a run.
    public init(verifies: Bool = false, outputsPath: String? = nil) {
        self.verifies = verifies
        self.outputsPath = outputsPath
    }
}
