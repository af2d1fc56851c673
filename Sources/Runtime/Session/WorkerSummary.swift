internal import Cluster

/// A worker as a report names it.
public struct WorkerSummary: Sendable {
    /// Its rank.
    public let rank: Int
    /// Process id on its host.
    public let pid: Int
    /// Its host.
    public let host: String
    /// Its processor, with the widest instruction set that products use on it.
    public let processor: String
    /// Whether it runs under the same kernel as the coordinator, in another container perhaps.
    public let isOnThisMachine: Bool
    /// Routed experts that it holds, per layer.
    public let expertsPerLayer: [Int]
    /// What oneDNN calls the product implementations that ran.
    public let kernels: [String]
    /// Bytes of packed expert weights.
    public let weightBytes: Int
    /// How far its clock is ahead of the coordinator's, in seconds.
    public let clockOffsetSeconds: Double
    /// How far that may be off, in seconds.
    public let clockUncertaintySeconds: Double

    init(_ member: Member, expertsPerLayer: [Int]) {
        rank = member.rank
        pid = Int(member.hello.pid)
        host = member.hello.host
        processor = member.hello.processor
        isOnThisMachine = member.hello.bootID == Host.bootID
        self.expertsPerLayer = expertsPerLayer
        kernels = member.ready?.kernels ?? []
        weightBytes = member.ready?.weightBytes ?? 0
        clockOffsetSeconds = member.clock.offset.seconds
        clockUncertaintySeconds = member.usedUncertainty.seconds
    }
}
