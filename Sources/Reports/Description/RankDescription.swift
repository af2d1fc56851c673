public import Figures

/// The description of one worker process: its rank, host, experts and clock.
public struct RankDescription: Codable, Equatable, Sendable {
    /// Index of the rank, from 0.
    public var rank: Int
    /// Process id of the worker on its host.
    public var pid: Int
    /// Name of the worker's host.
    public var host: String
    /// The number of experts that the rank held in each layer, `[layers]`.
    public var expertsPerLayer: [Int]
    /// The matrix kernels that ran, as their library names them, for example `brgemm:avx512_core`.
    public var kernels: [String]
    /// Bytes of the weights of the rank's experts.
    public var weightBytes: Int
    /// Seconds by which the worker's clock is ahead of the coordinator's; 0 on one host.
    public var clockOffsetSeconds: Double
    /// Uncertainty of `clockOffsetSeconds`, in seconds; 0 on one host.
    public var clockUncertaintySeconds: Double

    /// True unless the rank's worker never joined the run.
    public var hasJoined: Bool { pid > 0 }

    /// A worker with its experts; process id 0 stands for a worker that never joined.
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
    /// The meaning of each key in the JSON of this type, by the key in snake case.
    public static let meanings = [
        "clock_offset_seconds": "Seconds by which its clock is ahead of the coordinator's; 0 on one host.",
        "clock_uncertainty_seconds": "The largest error of the offset, in seconds; 0 on one host.",
        "experts_per_layer": "Experts that it held, per layer, `[layers]`.",
        "host": "Name of its host.",
        "kernels": "The matrix kernels that ran, as their library names them, for example `brgemm:avx512_core`.",
        "pid": "Process id on its host.",
        "rank": "The rank.",
        "weight_bytes": "Bytes of its experts' weights.",
    ]
}
