/// The size and activation of one feed-forward expert.
public struct ExpertShape: Codable, Equatable, Sendable {
    /// Width of the token, H.
    public var hidden: Int
    /// Inner width of the expert, F. 0 for an expert without weights that returns its input: the copy experts of MoE++
    /// (arXiv 2410.07348, section 3.1), the zero-computation experts of LongCat-Flash (arXiv 2509.01322, section 2.1).
    public var ffn: Int
    /// What stands between its matrices.
    public var activation: Activation
    /// True when every matrix has a bias behind it (gpt-oss, NLLB-MoE).
    public var hasBiases: Bool

    /// An expert of the given widths.
    public init(hidden: Int, ffn: Int, activation: Activation, hasBiases: Bool = false) {
        self.hidden = hidden
        self.ffn = ffn
        self.activation = activation
        self.hasBiases = hasBiases
    }

    /// Reads an expert's shape; one without `hasBiases` has none.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        hidden = try container.decode(Int.self, forKey: .hidden)
        ffn = try container.decode(Int.self, forKey: .ffn)
        activation = try container.decode(Activation.self, forKey: .activation)
        hasBiases = try container.decodeIfPresent(Bool.self, forKey: .hasBiases) ?? false
    }

    /// True when the expert has no weights and returns its input.
    public var returnsInput: Bool { ffn == 0 }

    /// Matrices of the expert: 3 when gated, else 2.
    public var matrixCount: Int { activation.isGated ? 3 : 2 }

    /// Numbers in the biases of the expert.
    public var biasCount: Int { hasBiases && !returnsInput ? (matrixCount - 1) * ffn + hidden : 0 }

    /// Parameters of one expert.
    public var parameterCount: Int { matrixCount * hidden * ffn + biasCount }

    /// Floating-point operations that one token costs in this expert (a multiply and an add count as two); adding a
    /// bias costs none beside the product that it joins.
    public var flopsPerToken: Int { 2 * matrixCount * hidden * ffn }
}
