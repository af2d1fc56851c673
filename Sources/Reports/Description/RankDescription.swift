public import Figures

/// One worker process: who it was and what it held.
public struct RankDescription: Codable, Equatable, Sendable {
    /// The rank.
    public var rank: Int
    /// Process id on its host.
    public var pid: Int
    /// Name of its host.
    public var host: String
    /// Experts that it held, per layer, `[layers]`.
    public var expertsPerLayer: [Int]
    /// The matrix kernels that ran, as their library names them, for example `brgemm:avx512_core`.
    public var kernels: [String]
    /// Bytes of its experts' weights.
    public var weightBytes: Int
    /// How far its clock is ahead of the coordinator's, in seconds; 0 on one host.
    public var clockOffsetSeconds: Double
    /// How far the offset may be off, in seconds; 0 on one host.
    public var clockUncertaintySeconds: Double

    /// False for a rank whose worker was waited for in vain.
    public var hasJoined: Bool { pid > 0 }

    /// A worker and what it held; process id 0 stands for one that never joined.
    public init(
        rank: Int,
        pid: Int,
        host: String,
        expertsPerLayer: [Int],
        kernels: [String],
        weightBytes: Int,
        clockOffsetSeconds: Double = 0,
        clockUncertaintySeconds: Double = 0
    ) {
        self.rank = rank
        self.pid = pid
        self.host = host
        self.expertsPerLayer = expertsPerLayer
        self.kernels = kernels
        self.weightBytes = weightBytes
        self.clockOffsetSeconds = clockOffsetSeconds
        self.clockUncertaintySeconds = clockUncertaintySeconds
    }
}

extension RankDescription: KeyMeanings {
    /// What its keys are.
    public static let meanings = [
        "clock_offset_seconds": "How far its clock is ahead of the coordinator's, in seconds; 0 on one host.",
        "clock_uncertainty_seconds": "How far the offset may be off, in seconds; 0 on one host.",
        "experts_per_layer": "Experts that it held, per layer, `[layers]`.",
        "host": "Name of its host.",
        "kernels": "The matrix kernels that ran, as their library names them, for example `brgemm:avx512_core`.",
        "pid": "Process id on its host.",
        "rank": "The rank.",
        "weight_bytes": "Bytes of its experts' weights.",
    ]
}
