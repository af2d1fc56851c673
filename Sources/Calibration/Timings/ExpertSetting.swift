public import CostModel

/// One measured run of the expert products on the busiest rank.
public struct ExpertSetting: Equatable, Sendable {
    /// Contiguous for prefill, masked for decode.
    public var kernel: ProductKernel
    /// Whether the products are in fp8.
    public var isIn8Bits: Bool
    /// Width of a token.
    public var hidden: Int
    /// Inner width of an expert.
    public var ffn: Int
    /// Experts per token.
    public var choices: Int
    /// Routed experts.
    public var experts: Int
    /// Ranks.
    public var gpus: Int
    /// Tokens of all ranks.
    public var tokens: Int
    /// How copies were spread.
    public var routing: BenchmarkRouting
}
