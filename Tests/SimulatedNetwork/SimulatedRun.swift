package import Cluster
package import Tensors
import TestSupport

/// A whole run in virtual time: two steps, of which the second goes down through its layers, of one or two micro-batches
/// over several workers, with everything that happened written down.
package struct SimulatedRun {
    /// What can happen.
    package enum Event {
        case coordinatorTick
        case workerTick(Int)
        case toCoordinator(Message, from: PeerID)
        case toWorker(Message, PeerID)
        case rowsToCoordinator(Envelope, AlignedBuffer, from: PeerID)
        case rowsToWorker(Envelope, AlignedBuffer, PeerID)
        case workDone(Int, SimulatedWorker.Work)
        case acted(SimulatedCoordinator.Action)
        case ownExpertsDone
    }

    package typealias Network = SimulatedNetwork<Event>

    /// More events than any run of this size has.
    private static let eventLimit = 200_000

    package private(set) var network: Network
    package private(set) var workers: [SimulatedWorker]
    private var coordinator: SimulatedCoordinator

    package init(seed: UInt64, faults: Faults, movesSlots: Bool = false) {
        var random = SeededRandom(seed: seed &+ 1_000_000)
        let count = Int.random(in: 1...5, using: &random)
        let stays = Bool.random(using: &random)
        workers = (0..<count).map { number in
            let offset = Nanoseconds.random(in: -100_000_000_000...100_000_000_000, using: &random)
            return SimulatedWorker(number: number, stays: stays, clockOffset: offset)
        }
        coordinator = SimulatedCoordinator(
            model: SimulatedModel(ranks: count, seed: seed),
            creditBytes: .random(in: 1...2000, using: &random),
            movesSlots: movesSlots
        )
        network = SimulatedNetwork(faults: faults, seed: seed)
        network.schedule(.coordinatorTick, after: 20_000_000)
        for number in workers.indices { network.schedule(.workerTick(number), upTo: 50_000_000) }
    }

    /// Why the run failed, if it did.
    package var failure: ClusterFailure? { coordinator.failure }
    package var isComplete: Bool { coordinator.isComplete }
    package var endedAt: Nanoseconds? { coordinator.endedAt }
    /// Layers whose slots changed, and changes that a worker refused.
    package var switched: Int { coordinator.switched }
    package var refused: Int { coordinator.refused }
    package var microBatches: Int { coordinator.model.microBatches }
    /// Most exchanges that were under way at a time.
    package var mostUnderWay: Int { coordinator.mostUnderWay }
    /// What went wrong that never may, for a person.
    package var wrongs: [String] {
        var wrongs: [String] = []
        if coordinator.ledger.excesses > 0 { wrongs.append("more in flight than the credit") }
        if coordinator.overwritten > 0 { wrongs.append("rows collected twice") }
        if coordinator.impossibleStamps > 0 { wrongs.append("stamps outside of their bounds") }
        let due = (0..<SimulatedCoordinator.steps).flatMap { coordinator.model.exchanges(ofStep: $0) }
        if isComplete, Set(coordinator.finished) != Set(due) || coordinator.finished.count != due.count {
            wrongs.append("finished \(coordinator.finished)")
        }
        if isComplete, coordinator.streams != coordinator.model.expected(steps: SimulatedCoordinator.steps) {
            wrongs.append("sums that differ from those of the routing")
        }
        return wrongs
    }

    /// Whether a worker has left the run: it ended, dials again or is cut off, or it stays and never got in.
    package func isDone(_ worker: SimulatedWorker) -> Bool {
        worker.hasEnded || worker.redials > 0 || network.isLost(worker: worker.number)
            || (worker.stays && !worker.wasAssigned)
    }

    /// Runs until coordinator and workers have ended.
    package mutating func run() {
        for _ in 0..<Self.eventLimit {
            let coordinatorIsDone = endedAt != nil || network.coordinatorIsLost
            if coordinatorIsDone, workers.allSatisfy({ isDone($0) }) { return }
            guard let event = network.next() else { return }
            handle(event)
            if !network.coordinatorIsLost { coordinator.act(&network) }
        }
    }

    private mutating func handle(_ event: Event) {
        switch event {
        case .coordinatorTick:
            network.schedule(.coordinatorTick, after: 20_000_000)
            if !network.coordinatorIsLost { coordinator.tick(&network) }
        case .acted(let action):
            if coordinatorWorks { coordinator.finish(action, &network) }
        case .ownExpertsDone:
            if coordinatorWorks { coordinator.finishOwnExperts() }
        case .toCoordinator(let message, let peer):
            if isOpen(peer) { coordinator.receive(message, from: peer, &network) }
        case .rowsToCoordinator(let header, let rows, let peer):
            if isOpen(peer) { coordinator.receive(header, rows, from: peer, &network) }
        case .workerTick(let number):
            network.schedule(.workerTick(number), after: 50_000_000)
            if isAlive(number) { workers[number].tick(&network) }
        case .toWorker(let message, let peer):
            if isListening(peer) { workers[Int(peer.bytes[1])].receive(message, &network) }
        case .rowsToWorker(let header, let rows, let peer):
            if isListening(peer) { workers[Int(peer.bytes[1])].receive(header, rows, &network) }
        case .workDone(let number, let work):
            if isAlive(number) { workers[number].finish(work, &network) }
        }
    }

    private var coordinatorWorks: Bool { !network.coordinatorIsLost && endedAt == nil }

    private func isAlive(_ number: Int) -> Bool { !workers[number].hasEnded && !network.isLost(worker: number) }

    /// Whether what a peer sent gets through.
    private func isOpen(_ peer: PeerID) -> Bool {
        !network.coordinatorIsLost && !network.isLost(worker: Int(peer.bytes[1]))
    }

    /// Whether what is sent to a peer gets through.
    private func isListening(_ peer: PeerID) -> Bool {
        let number = Int(peer.bytes[1])
        return !network.coordinatorIsLost && isAlive(number) && workers[number].peer == peer
    }
}
