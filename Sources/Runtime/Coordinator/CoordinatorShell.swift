internal import Cluster
internal import CostModel
internal import Logging
internal import Tensors
internal import Transport

/// Owns the coordinator's socket, feeds a ``CoordinatorProtocol`` and carries out its directives.
final class CoordinatorShell {
    /// Longest time between two looks at clocks, signals and child processes.
    private static let tickMilliseconds = 20
    /// Messages that are read before deadlines are looked at again, so that no peer can keep them from being seen.
    private static let messagesPerLook = 1000
    /// How long workers may take to say goodbye.
    private static let releasePeriod = Nanoseconds(seconds: 0.5)
    /// Refusals that are logged; a peer that keeps sending garbage must not fill a disk.
    private static let loggedRefusals = 20

    private let socket: RouterSocket
    private let monitor: (any WorkerMonitor)?
    private let interrupt: Interrupt
    private let delay: PhaseDelay?
    private let log: Logger

    private var machine: CoordinatorProtocol
    private var isReady = false
    private var isReleased = false
    private var layer: LayerInFlight?
    private var delayed: [(due: Nanoseconds, index: Int, head: [UInt8], peer: PeerID)] = []
    private var refusals = 0

    init(
        plan: ClusterPlan,
        socket: RouterSocket,
        monitor: (any WorkerMonitor)?,
        interrupt: Interrupt,
        delay: PhaseDelay?,
        log: Logger
    ) {
        self.socket = socket
        self.monitor = monitor
        self.interrupt = interrupt
        self.delay = delay
        self.log = log
        machine = CoordinatorProtocol(plan: plan, now: MonotonicClock.now())
    }

    /// The workers that have joined, by rank.
    var members: [Member] { machine.joined }

    /// Waits until every worker is ready.
    ///
    /// - Parameter progress: called with the number of workers that are ready, whenever it may have changed.
    func waitUntilReady(progress: (Int) -> Void) throws(RuntimeError) {
        while !isReady {
            try pump(milliseconds: Self.tickMilliseconds)
            progress(machine.readyCount)
        }
    }

    /// Sends the chunks of one layer and waits for all results.
    func run(step: Int, layer number: Int, batches: [OutgoingBatch]) throws(RuntimeError) -> LayerResults {
        layer = LayerInFlight(batches: batches, ranks: machine.joined.count)
        defer { layer = nil }
        let directives = machine.begin(
            step: UInt32(step),
            layer: UInt32(number),
            chunks: batches.map(\.work),
            now: MonotonicClock.now()
        )
        try carryOut(directives, payload: nil, at: 0)
        while layer?.isComplete == false { try pump(milliseconds: Self.tickMilliseconds) }
        return layer?.results ?? LayerResults(collected: [], dispatchBytes: [], combineBytes: [])
    }

    /// Does what has become due: reads messages, sends heartbeats, looks for dead workers and for signals.
    ///
    /// - Parameter milliseconds: how long to wait for the next message; 0 does not wait.
    func pump(milliseconds: Int = 0) throws(RuntimeError) {
        try exchange(milliseconds: milliseconds)
        try carryOut(machine.tick(now: MonotonicClock.now()), payload: nil, at: 0)
        if interrupt.isRaised { throw .interrupted }
    }

    /// Tells every worker that the run is over, and waits until they know, for half a second at most.
    func release() {
        let deadline = MonotonicClock.now() + Self.releasePeriod
        do {
            try carryOut(machine.release(), payload: nil, at: 0)
            while !isReleased, MonotonicClock.now() < deadline { try exchange(milliseconds: Self.tickMilliseconds) }
        } catch {
            log.warning("workers may not have been told that the run is over: \(error)")
        }
    }

    /// Waits for messages, reads what has arrived, up to the end of a layer, and looks for workers that have ended.
    private func exchange(milliseconds: Int) throws(RuntimeError) {
        do {
            try Poller.wait(socket.socket, nil, milliseconds: delayed.isEmpty ? milliseconds : 1)
            for _ in 0..<Self.messagesPerLook {
                // A layer that is complete must not wait until a peer that keeps sending has been heard out.
                guard layer?.isComplete != true, let parcel = try socket.receive() else { break }
                try handle(parcel, at: MonotonicClock.now())
            }
            try sendDelayed()
        } catch let error as RuntimeError {
            throw error
        } catch {
            throw .local("\(error)")
        }
        for exit in monitor?.exits() ?? [] {
            try carryOut(machine.workerExited(rank: exit.rank, how: exit.how), payload: nil, at: 0)
        }
    }

    private func handle(_ parcel: Parcel, at now: Nanoseconds) throws(RuntimeError) {
        let peer = PeerID(parcel.sender)
        let message: Message
        do {
            message = try parcel.message()
        } catch {
            return try carryOut(machine.receivedGarbage(error.description, from: peer), payload: nil, at: now)
        }
        try carryOut(machine.received(message, from: peer, now: now), payload: parcel, at: now)
    }

    private func carryOut(
        _ directives: [CoordinatorDirective],
        payload: Parcel?,
        at now: Nanoseconds
    ) throws(RuntimeError) {
        for directive in directives {
            switch directive {
            case .send(let message, let peer):
                let control: OutgoingFrame? = message.control.isEmpty ? nil : .bytes(message.control)
                try send(message.envelope.encoded(), control, to: peer)
            case .dispatch(let index, let envelope, let peer):
                try dispatch(index, envelope, to: peer)
            case .collect(let index, let stamps):
                layer?.collect(index, parcel: payload, stamps: stamps, at: now)
            case .clusterReady:
                isReady = true
            case .layerComplete:
                layer?.isComplete = true
            case .released:
                isReleased = true
            case .refused(let peer, let reason):
                refusals += 1
                if refusals <= Self.loggedRefusals { log.warning("refused peer \(peer): \(reason)") }
            case .fail(let failure):
                throw .cluster(failure)
            }
        }
    }

    private func dispatch(_ index: Int, _ envelope: Envelope, to peer: PeerID) throws(RuntimeError) {
        let now = MonotonicClock.now()
        let head = envelope.encoded()
        layer?.handOver(index, at: now)
        if let delay, delay.phase == .dispatch, delay.rank == Int(envelope.rank) {
            delayed.append((now + delay.duration, index, head, peer))
        } else {
            try send(head, layer?.payload(index), to: peer)
        }
    }

    private func sendDelayed() throws(RuntimeError) {
        let now = MonotonicClock.now()
        for item in delayed where item.due <= now { try send(item.head, layer?.payload(item.index), to: item.peer) }
        delayed.removeAll { $0.due <= now }
    }

    private func send(_ head: [UInt8], _ payload: OutgoingFrame?, to peer: PeerID) throws(RuntimeError) {
        let outcome: SendOutcome
        do {
            outcome = try socket.send(to: peer.bytes, head: head, payload: payload)
        } catch {
            throw .local(error.description)
        }
        if outcome != .sent { try carryOut(machine.unreachable(peer), payload: nil, at: 0) }
    }
}
