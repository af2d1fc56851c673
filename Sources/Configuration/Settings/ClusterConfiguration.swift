public import Placement

/// The section `cluster`: the processes, what lies between them, and their deadlines.
public struct ClusterConfiguration: Codable, Equatable, Sendable {
    /// Worker processes, one rank each.
    public var workers = 4
    /// What carries the messages of a local run.
    public var transport = TransportKind.ipc
    /// Where the coordinator binds, or nil to let it choose.
    public var endpoint: String?
    /// Which rank holds which expert.
    public var placement = PlacementPolicy.contiguous
    /// Where the experts that every token visits run.
    public var shared = SharedSite.ranks
    /// Who multiplies the gate weights in.
    public var gateWeights = GateWeightSide.coordinator
    /// Number type of token rows on the wire.
    public var payload = NumberFormat.f32
    /// Number type of the rows to the experts.
    public var dispatchPayload = DispatchFormat.payload
    /// How outputs come back.
    public var combine = CombineForm.copies
    /// Most tokens of a chunk, or nil to let it follow from the model.
    public var chunkTokens: Int?
    /// Bytes that may be on their way to and from one worker, in MiB: rows sent plus the outputs expected for them.
    public var creditMib = 64
    /// Threads of each worker.
    public var threads = 1
    /// The file with the CURVE keys, absolute once resolved, or nil for no encryption.
    public var keyFile: String?
    /// Seconds until all workers must be ready.
    public var startSeconds = 60.0
    /// Seconds between two signs of life; a worker silent for four of them is lost.
    public var heartbeatSeconds = 0.5
    /// Seconds until all replies of one layer must be there.
    public var layerSeconds = 60.0
    /// The phase that is made slower on purpose.
    public var delayPhase = DelayPhase.none
    /// The rank that is made slower.
    public var delayRank = 0
    /// By how much, in milliseconds per layer.
    public var delayMilliseconds = 0.0

    /// The defaults.
    public init() {}
}
