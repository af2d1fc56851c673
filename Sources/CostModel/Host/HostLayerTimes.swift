public import Records

/// The modelled time of one layer on a host, by phase.
public struct HostLayerTimes: Equatable, Sendable {
    /// Seconds of the layer.
    public let seconds: Double
    /// Coordinator: before anything is sent.
    public let gateSeconds: Double
    /// Coordinator: the rest of its own shared experts.
    public let sharedSeconds: Double
    /// Coordinator: after the last output has arrived.
    public let mergeSeconds: Double
    /// Seconds of each rank in its own phases, `[ranks]`.
    public let ranks: [PhaseSeconds]
    /// Processor time of the coordinator's thread.
    public let coordinator: CoordinatorSeconds

    /// Processor time of all threads of all processes.
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
