/// The size and activation of one feed-forward expert.
public struct ExpertShape: Codable, Equatable, Sendable {
    /// Width of the token, H.
    public var hidden: Int
    /// Inner width of the expert, F.
    public var ffn: Int
    /// What stands between its matrices.
    public var activation: Activation

    /// An expert of the given widths.
    public init(hidden: Int, ffn: Int, activation: Activation) {
        self.hidden = hidden
        self.ffn = ffn
        self.activation = activation
    }

    /// Matrices of the expert: 3 when gated, else 2.
    public var matrixCount: Int { activation.isGated ? 3 : 2 }

    /// Parameters of one expert.
    public var parameterCount: Int { matrixCount * hidden * ffn }

    /// Floating-point operations that one token costs in this expert (a multiply and an add count as two).
    public var flopsPerToken: Int { 2 * parameterCount }
}
