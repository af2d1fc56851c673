package import Cluster
package import TestSupport

/// The links between one coordinator and its workers, in virtual time: each message takes a random time, may arrive
/// twice and, on links that do not keep their order, before an earlier one. Nothing is lost but what a cut-off process
/// sends or should receive, as with ZeroMQ.
///
/// `Event` is what can happen in a simulation; the network only says when.
package struct SimulatedNetwork<Event> {
    /// One way between the coordinator and a peer.
    package struct Link: Hashable {
        let peer: PeerID
        let isToWorker: Bool

        /// The way to a worker.
        package static func toWorker(_ peer: PeerID) -> Link { Link(peer: peer, isToWorker: true) }
        /// The way to the coordinator.
        package static func toCoordinator(from peer: PeerID) -> Link { Link(peer: peer, isToWorker: false) }
    }

    package let faults: Faults
    package var random: SeededRandom
    package private(set) var now: Nanoseconds = 0
    private var queue = EventQueue<Event>()
    private var lastArrival: [Link: Nanoseconds] = [:]

    package init(faults: Faults, seed: UInt64) {
        self.faults = faults
        random = SeededRandom(seed: seed)
    }

    /// Moves the clock to the next event.
    package mutating func next() -> Event? {
        guard let (time, event) = queue.next() else { return nil }
        now = time
        return event
    }

    /// Something that happens in a process, up to `longest` from now.
    package mutating func schedule(_ event: Event, upTo longest: Nanoseconds) {
        schedule(event, after: .random(in: 1...longest, using: &random))
    }

    /// Something that happens in a process, `delay` from now.
    package mutating func schedule(_ event: Event, after delay: Nanoseconds) {
        queue.add(event, at: now + delay)
    }

    /// A message, whose arrival is this event.
    package mutating func send(_ event: Event, on link: Link) {
        for _ in 0..<(random.happens(faults.duplication) ? 2 : 1) {
            var arrival = now + .random(in: 1...faults.longestDelay, using: &random)
            if faults.keepsOrder { arrival = max(arrival, lastArrival[link] ?? 0) }
            lastArrival[link] = arrival
            queue.add(event, at: arrival)
        }
    }

    /// Whether the coordinator is cut off.
    package var coordinatorIsLost: Bool {
        if case .coordinator(let time) = faults.loss { now >= time } else { false }
    }

    /// Whether a worker is cut off.
    package func isLost(worker: Int) -> Bool {
        if case .worker(worker, let time) = faults.loss { now >= time } else { false }
    }
}
