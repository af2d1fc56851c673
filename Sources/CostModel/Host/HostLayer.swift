public import Records

/// The work of one layer in one step, for the coordinator and for each rank.
public struct HostLayer: Equatable, Sendable {
    /// The work of one rank in the layer.
    public struct Rank: Equatable, Sendable {
        /// Rows of each routed expert that has any.
        public var expertRows: [Double]
        /// Rows of each common expert; 0 where the coordinator computes them.
        public var sharedRows: Double
        /// Rows that travel to the rank.
        public var sentRows: Double
        /// Rows that travel back from the rank.
        public var replyRows: Double

        /// The rows of a rank.
        public init(expertRows: [Double], sharedRows: Double = 0, sentRows: Double, replyRows: Double) {
            self.expertRows = expertRows
            self.sharedRows = sharedRows
            self.sentRows = sentRows
            self.replyRows = replyRows
        }
    }

    /// Tokens of the layer.
    public var tokens: Double
    /// Chunks that the tokens travel in.
    public var chunks: Int
    /// The work of each rank, `[ranks]`.
    public var ranks: [Rank]

    /// The work of a layer.
    public init(tokens: Double, chunks: Int, ranks: [Rank]) {
        self.tokens = tokens
        self.chunks = max(1, chunks)
        self.ranks = ranks
    }

    /// One chunk of the layer; all chunks are alike.
    var chunk: HostLayer {
        let part = 1 / Double(chunks)
        let ranks = ranks.map { rank in
            Rank(
                expertRows: rank.expertRows.map { $0 * part },
                sharedRows: rank.sharedRows * part,
                sentRows: rank.sentRows * part,
                replyRows: rank.replyRows * part
            )
        }
        return HostLayer(tokens: tokens * part, chunks: 1, ranks: ranks)
    }
}

/// The modelled time of one layer on a host, by phase.
public struct HostLayerTimes: Equatable, Sendable {
    /// Modelled seconds of the whole layer.
    public let seconds: Double
    /// Seconds of the coordinator before the first hand-over to a rank.
    public let gateSeconds: Double
    /// Seconds that the coordinator's own common experts still take after the last output has arrived.
    public let sharedSeconds: Double
    /// Seconds of the coordinator after the last output has arrived and its own common experts are done.
    public let mergeSeconds: Double
    /// Seconds of each rank in its own phases, `[ranks]`.
    public let ranks: [PhaseSeconds]
    /// Processor time of the coordinator's thread, in seconds.
    public let coordinator: CoordinatorSeconds

    /// Processor time of all threads of all processes, in seconds.
    public let processorSeconds: Double

    init(_ simulation: HostSimulation, gate: Double) {
        let end = HostTimes.nanoseconds(simulation.now)
        let first = min(HostTimes.nanoseconds(simulation.firstHandOver ?? simulation.now), end)
        let last = max(first, HostTimes.nanoseconds(simulation.lastArrival))
        let shared = min(max(last, HostTimes.nanoseconds(simulation.sharedEnd ?? 0)), end)
        seconds = Double(end) / 1e9
        gateSeconds = Double(first) / 1e9
        sharedSeconds = Double(shared - last) / 1e9
        mergeSeconds = Double(end - shared) / 1e9
        ranks = simulation.times.enumerated().map { rank, times in
            let isUsed = simulation.layer.ranks[rank].sentRows > 0
            return RankTimeline(chunks: isUsed ? times.map(\.stamps) : [], window: first..<last).seconds
        }
        var coordinator = simulation.busy
        coordinator.gate = gate
        self.coordinator = coordinator
        processorSeconds = simulation.processor
    }

    /// Seconds of a phase, mean over ranks; the coordinator's phases count for every rank.
    public func seconds(in phase: Phase) -> Double {
        switch phase {
        case .gate: gateSeconds
        case .shared: sharedSeconds
        case .merge: mergeSeconds
        case .dispatch, .queue, .compute, .combine, .wait:
            ranks.reduce(0) { $0 + $1[phase] } / Double(max(ranks.count, 1))
        }
    }
}

/// The stamps of a simulated chunk, in seconds.
struct HostTimes {
    var ready = 0.0
    var handedOver = 0.0
    var received = 0.0
    var started = 0.0
    var finished = 0.0
    var returned = 0.0
    var collected = 0.0

    /// The stamps in the form of a live run, in nanoseconds.
    var stamps: ChunkStamps {
        ChunkStamps(
            ready: Self.nanoseconds(ready),
            handedOver: Self.nanoseconds(handedOver),
            received: Self.nanoseconds(received),
            started: Self.nanoseconds(started),
            finished: Self.nanoseconds(finished),
            returned: Self.nanoseconds(returned),
            collected: Self.nanoseconds(collected)
        )
    }

    static func nanoseconds(_ seconds: Double) -> Int64 { Int64((min(seconds, 1e9) * 1e9).rounded()) }
}

extension HostPrediction {
    /// The mean prediction of several steps, each given by the times of its layers.
    ///
    /// - Precondition: there is a step.
    public init(hardware: String, steps: [[HostLayerTimes]]) {
        precondition(!steps.isEmpty, "a mean of no steps")
        let layers = steps.joined()
        let count = Double(steps.count)
        self.init(
            hardware: hardware,
            stepSeconds: layers.reduce(0) { $0 + $1.seconds } / count,
            processorSeconds: layers.reduce(0) { $0 + $1.processorSeconds } / count,
            phaseSeconds: Phase.allCases.map { phase in layers.reduce(0) { $0 + $1.seconds(in: phase) } / count }
        )
    }
}
