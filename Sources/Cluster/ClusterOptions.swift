public import Basics
public import Placement
public import Tensors

/// The section `cluster`: the processes, the wire between them, and their deadlines.
public struct ClusterOptions: Equatable, Sendable {
    /// Worker processes, one rank each.
    public var workers = 4
    /// The transport of messages in a local run.
    public var transport = TransportKind.ipc
    /// The endpoint that the coordinator binds, or nil to let the coordinator choose.
    public var endpoint: String?
    /// The policy that places experts on ranks.
    public var placement = PlacementPolicy.contiguous
    /// The place where the common experts run.
    public var shared = SharedSite.ranks
    /// The side that multiplies gate weights into outputs.
    public var gateWeights = GateWeightSide.coordinator
    /// Number type of token rows on the wire.
    public var payload = NumberFormat.f32
    /// Number type of the rows to the experts, or nil for that of ``payload``.
    public var dispatchPayload: NumberFormat?
    /// The form in which workers send outputs back.
    public var combine = CombineForm.copies
    /// Most tokens of a chunk, or nil to let it follow from the model.
    public var chunkTokens: Int?
    /// The limit on bytes in flight to and from one worker, in MiB: rows sent plus the outputs expected for them.
    public var creditMib = 64
    /// Threads of each worker.
    public var threads = 1
    /// The file with the CURVE keys, absolute once resolved, or nil for no encryption.
    public var keyFile: String?
    /// The limit in seconds from the start of the run until all workers must be ready.
    public var startSeconds = 60.0
    /// Seconds between two heartbeats; a worker that leaves four of them unanswered counts as lost.
    public var heartbeatSeconds = 0.5
    /// The limit in seconds from the routing of a layer until all its results must have arrived.
    public var layerSeconds = 60.0
    /// The phase to which an artificial delay is added, or nil.
    public var delayPhase: PhaseDelay.Phase?
    /// The rank that the artificial delay slows down.
    public var delayRank = 0
    /// The artificial delay of ``delayRank``, once in every layer, in milliseconds.
    public var delayMilliseconds = 0.0

    /// Cluster options with their default values.
    public init() {}
}

extension ClusterOptions {
    private static let delayed = Condition<ClusterOptions>(
        "cluster.delay_phase",
        "cluster.delay_phase is \(WordList.alternatives(PhaseDelay.Phase.allCases.map(\.rawValue)))"
    ) { $0.delayPhase != nil }

    /// The options of the section `cluster`: keys, allowed values and descriptions.
    public static let table = OptionTable<ClusterOptions>(
        [
            Option(
                "cluster.workers",
                \.workers,
                .integer(1...65535),
                "Ranks: worker processes of a live run, devices of a prediction; at most model.experts.",
                readBy: .all
            ),
            Option(
                "cluster.transport",
                \.transport,
                .choice,
                "The transport of a local run's messages."
            ),
            Option(
                optional: "cluster.endpoint",
                \.endpoint,
                .endpoint,
                "The address that the coordinator binds; chosen when left out."
            ),
            Option(
                "cluster.placement",
                \.placement,
                .choice,
                "The policy that gives each rank its experts.",
                readBy: .all
            ),
            Option(
                "cluster.shared",
                \.shared,
                .choice,
                "The place of shared experts and dense networks: every rank, or the coordinator while the ranks compute."
            ),
            Option(
                "cluster.combine",
                \.combine,
                .choice,
                "Whether a worker returns the outputs of a token one by one or their weighted sum."
            ),
            Option(
                "cluster.gate_weights",
                \.gateWeights,
                .choice,
                "The side that multiplies outputs by their gate weights.",
                when: .of("cluster.combine", \.combine, .copies)
            ),
            Option(
                "cluster.payload",
                \.payload,
                .choice(of: NumberFormat.ofProducts),
                "Number type of token rows on the wire."
            ),
            Option(
                "cluster.dispatch_payload",
                \.dispatchPayload,
                .choice(or: "payload"),
                "Number type of rows on their way to the experts; payload means that of cluster.payload."
            ),
            Option(
                optional: "cluster.chunk_tokens",
                \.chunkTokens,
                .integer(1...1_048_576),
                "Most tokens of a chunk, the part of a layer that travels as one message per worker; chosen when left out."
            ),
            Option(
                "cluster.credit_mib",
                \.creditMib,
                .integer(1...65536),
                "Bytes in flight per worker: rows sent plus the outputs expected for them.",
                unit: "MiB"
            ),
            Option("cluster.threads", \.threads, .integer(1...256), "Threads per worker."),
            Option(
                optional: "cluster.key_file",
                \.keyFile,
                .path,
                "CURVE keys; without them nothing is encrypted."
            ),
            Option(
                "cluster.start_seconds",
                \.startSeconds,
                .number(0.1...3600),
                "All workers must be ready within this time.",
                unit: "s"
            ),
            Option(
                "cluster.heartbeat_seconds",
                \.heartbeatSeconds,
                .number(0.05...60),
                "Time between two signs of life; a worker silent for four of them is lost.",
                unit: "s"
            ),
            Option(
                "cluster.layer_seconds",
                \.layerSeconds,
                .number(0.1...3600),
                "All replies of one layer must be there within this time.",
                unit: "s"
            ),
            Option(
                "cluster.delay_phase",
                \.delayPhase,
                .choice(or: "none"),
                "The phase that an artificial delay makes slower, to study stragglers.",
                readBy: .effect(.measured)
            ),
            Option(
                "cluster.delay_rank",
                \.delayRank,
                .integer(0...65534),
                "The rank that is delayed; below cluster.workers.",
                when: delayed,
                readBy: .effect(.measured)
            ),
            Option(
                "cluster.delay_milliseconds",
                \.delayMilliseconds,
                .number(0...60000),
                "The delay in each layer.",
                unit: "ms",
                when: delayed,
                readBy: .effect(.measured)
            ),
        ],
        readBy: .only(.measured)
    )
}

/// The transport of messages between coordinator and workers in a local run.
public enum TransportKind: String, CaseIterable, Sendable {
    /// Unix domain sockets, on one machine.
    case ipc
    /// TCP.
    case tcp
}

/// The place where common experts run: on every rank, or on the coordinator.
public enum SharedSite: String, CaseIterable, Sendable {
    /// Every rank computes the common experts, for the tokens that it owns.
    case ranks
    /// The coordinator computes the common experts, while the ranks compute the routed ones.
    case coordinator
}

/// The form in which the outputs of a token's copies come back.
public enum CombineForm: String, CaseIterable, Sendable {
    /// Each output comes back by itself; the coordinator sums those of a token in the router's order of choice,
    /// whatever the placement.
    case copies
    /// Each worker first sums a token's outputs over its own experts: fewer bytes come back, but the order of the sum
    /// depends on the placement.
    case presum
}

/// The side that multiplies gate weights into the outputs of experts.
public enum GateWeightSide: String, CaseIterable, Sendable {
    /// The coordinator multiplies, while it sums the outputs.
    case coordinator
    /// The worker multiplies, before it sends the outputs back.
    case worker
}
