/// A kernel that moves tokens between ranks.
public enum CommunicationKernel: String, Codable, CaseIterable, Sendable {
    /// Throughput kernels: a token crosses to each node once, and is forwarded there (DeepEP's normal mode).
    case normal
    /// Latency kernels: every copy goes straight to the rank of its expert (DeepEP's low-latency mode).
    case lowLatency = "low-latency"
    /// Grouped sends and receives: every copy goes straight, as NCCL's all-to-all.
    case direct = "nccl-direct"
    /// A ring all-gather of all tokens before, and a ring reduce-scatter of all outputs behind.
    case ring = "nccl-ring"
}

/// The links that rows pass.
public enum LinkKind: Sendable {
    /// Within a node.
    case link
    /// Between nodes.
    case nic
}
