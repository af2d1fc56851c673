public import CostModel

/// One measured dispatch and combine: the kernel, the cluster and the tokens.
public struct KernelSetting: Equatable, Sendable {
    /// Normal or low-latency.
    public var kernel: CommunicationKernel
    /// Ranks.
    public var gpus: Int
    /// Ranks of each node.
    public var gpusPerNode: Int
    /// Width of a token.
    public var hidden: Int
    /// Experts per token.
    public var choices: Int
    /// Routed experts.
    public var experts: Int
    /// Tokens of each rank.
    public var tokensPerGPU: Int
    /// Multiprocessors that communicate, or nil for the profile's.
    public var sms: Int?
    /// Whether tokens travel to the experts in fp8.
    public var dispatchIn8Bits: Bool
    /// Nodes whose experts a token may use, or nil for all.
    public var nodesPerToken: Int?

    /// Nodes.
    public var nodes: Int { (gpus + gpusPerNode - 1) / gpusPerNode }
}
