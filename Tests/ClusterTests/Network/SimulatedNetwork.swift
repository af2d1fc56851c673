import Cluster

/// The links between one coordinator and its workers, in virtual time: each message takes a random time, may arrive
/// twice and, on links that do not keep their order, before an earlier one. Nothing is lost but what a cut-off process
/// sends or should receive, as with ZeroMQ.
struct SimulatedNetwork {
    /// What arrives, or becomes due, somewhere.
    enum Event {
        case coordinatorTick
        case workerTick(Int)
        case toCoordinator(Packet, from: PeerID)
        case toWorker(Packet, PeerID)
        case workDone(Int, SimulatedWorker.Work)
        /// The coordinator has combined a chunk.
        case combined(ExchangeID, Int)
    }

    /// A message, and for a dispatch its segment table.
    struct Packet {
        var message: Message
        var table: [UInt8] = []
    }

    private enum Direction {
        case toWorker
        case toCoordinator
    }

    private struct Link: Hashable {
        let peer: PeerID
        let direction: Direction
    }

    let faults: Faults
    var random: SeededRandom
    private(set) var now: Nanoseconds = 0
    private var queue = EventQueue<Event>()
    private var lastArrival: [Link: Nanoseconds] = [:]

    init(faults: Faults, seed: UInt64) {
        self.faults = faults
        random = SeededRandom(seed: seed)
    }

    /// Moves the clock to the next event.
    mutating func next() -> Event? {
        guard let (time, event) = queue.next() else { return nil }
        now = time
        return event
    }

    /// Something that happens in a process, `delay` from now.
    mutating func schedule(_ event: Event, after delay: Nanoseconds) {
        queue.add(event, at: now + delay)
    }

    mutating func sendToWorker(_ packet: Packet, _ peer: PeerID) {
        send(.toWorker(packet, peer), on: Link(peer: peer, direction: .toWorker))
    }

    mutating func sendToCoordinator(_ packet: Packet, from peer: PeerID) {
        send(.toCoordinator(packet, from: peer), on: Link(peer: peer, direction: .toCoordinator))
    }

    private mutating func send(_ event: Event, on link: Link) {
        for _ in 0..<(random.happens(faults.duplication) ? 2 : 1) {
            var arrival = now + .random(in: 1...faults.longestDelay, using: &random)
            if faults.keepsOrder { arrival = max(arrival, lastArrival[link] ?? 0) }
            lastArrival[link] = arrival
            queue.add(event, at: arrival)
        }
    }

    /// Whether the coordinator is cut off.
    var coordinatorIsLost: Bool {
        if case .coordinator(let time) = faults.loss { now >= time } else { false }
    }

    /// Whether a worker is cut off.
    func isLost(worker: Int) -> Bool {
        if case .worker(worker, let time) = faults.loss { now >= time } else { false }
    }
}
