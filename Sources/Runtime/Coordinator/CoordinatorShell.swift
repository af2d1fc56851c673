internal import Cluster
internal import Logging
internal import Records
internal import Tensors
internal import Transport

/// The shell of a `CoordinatorProtocol`: it owns the coordinator's socket, feeds the protocol and carries out its
/// directives.
final class CoordinatorShell {
    /// The longest time between two looks at clocks, signals and child processes.
    static let tickMilliseconds = 20
    /// The most messages that are read before deadlines are checked again, so that no peer can put off that check by
    /// sending without end.
    private static let messagesPerLook = 1000
    /// The longest wait for workers to acknowledge the end of the run.
    private static let releasePeriod = Nanoseconds(seconds: 0.5)
    /// The time from a closed connection until its worker counts as lost: the worker's last message, or the end of its
    /// process, may still tell the reason.
    private static let lastWordsPeriod = Nanoseconds(seconds: 0.3)
    /// The most warnings that are logged; a peer that keeps sending garbage must not fill a disk.
    private static let mostWarnings = 20

    private let socket: RouterSocket
    private let monitor: (any WorkerMonitor)?
    private let interrupt: Interrupt
    let delay: PhaseDelay?
    private let log: Logger

    /// The protocol's state machine; the code that runs a step calls the machine's methods directly.
    var machine: CoordinatorProtocol<ChunkInFlight>
    /// The wake-up that ends a wait when the coordinator's own experts have an outcome.
    private var ownExpertsReady: Wakeup?
    private var isReady = false
    private var isReleased = false
    var delayed: [Delayed] = []
    var delays = OncePerLayer()
    private var logged = 0
    /// Warnings of the workers for a reader of the report, a sentence each.
    private(set) var warnings: [String] = []
    /// The peers whose connection is closed, with the time at which that was noticed.
    private var unreachable: [(peer: PeerID, since: Nanoseconds)] = []
    private var isReleasing = false

    /// A dispatch that is held back for an artificial delay.
    struct Delayed {
        let due: Nanoseconds
        let head: [UInt8]
        let payload: OutgoingFrame?
        let peer: PeerID
    }

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

    /// Make a wake-up by which the coordinator's own experts end a wait for messages.
    func wakeForOwnExperts() throws(RuntimeError) -> Wakeup {
        do {
            let wakeup = try Wakeup()
            ownExpertsReady = wakeup
            return wakeup
        } catch {
            throw .local(error.description)
        }
    }

    /// Wait until every worker is ready.
    ///
    /// - Parameter progress: called with the number of workers that are ready, whenever it may have changed.
    func waitUntilReady(progress: (Int) -> Void) throws(RuntimeError) {
        while !isReady {
            try pump(milliseconds: Self.tickMilliseconds)
            progress(machine.readyCount)
        }
    }

    /// Do all work that is due: read messages, send heartbeats, look for dead workers and for signals.
    ///
    /// - Parameter milliseconds: the longest wait for the next message; 0 does not wait.
    func pump(milliseconds: Int = 0) throws(RuntimeError) {
        try exchange(milliseconds: milliseconds)
        // With a complete chunk not every message may have been read: whether something is late is judged at the next read
        // that ends without one.
        if !machine.hasCompleteChunk { try carryOut(machine.tick(now: MonotonicClock.now())) }
        try checkInterrupt()
    }

    /// Throw ``RuntimeError/interrupted`` once the user has ended the run.
    func checkInterrupt() throws(RuntimeError) {
        if interrupt.isRaised { throw .interrupted }
    }

    /// Tell every worker that the run is over, and wait for the acknowledgements, for half a second at most.
    func release() {
        let deadline = MonotonicClock.now() + Self.releasePeriod
        delayed = []
        isReleasing = true
        do {
            try carryOut(machine.release())
            while !isReleased, MonotonicClock.now() < deadline { try exchange(milliseconds: Self.tickMilliseconds) }
        } catch {
            log.warning("workers may not have been told that the run is over: \(error)")
        }
    }

    /// Wait for a message, read messages until none is left or a chunk has all its results, and check for ended
    /// workers.
    private func exchange(milliseconds: Int) throws(RuntimeError) {
        do {
            try Poller.wait(socket.socket, ownExpertsReady, milliseconds: delayed.isEmpty ? milliseconds : 1)
            for _ in 0..<Self.messagesPerLook {
                // A chunk that is complete must not wait until a peer that keeps sending has been heard out; once the run
                // is over, it is nobody's any more.
                guard isReleasing || !machine.hasCompleteChunk, let parcel = try socket.receive() else { break }
                try handle(parcel, at: MonotonicClock.now())
            }
            try sendDelayed()
        } catch let error as RuntimeError {
            throw error
        } catch {
            throw .local("\(error)")
        }
        for exit in monitor?.exits() ?? [] {
            try carryOut(machine.workerExited(rank: exit.rank, how: exit.how))
        }
        let now = MonotonicClock.now()
        while let (peer, since) = unreachable.first, isReleasing || now - since >= Self.lastWordsPeriod {
            unreachable.removeFirst()
            try carryOut(machine.unreachable(peer))
        }
    }

    private func handle(_ parcel: Parcel, at now: Nanoseconds) throws(RuntimeError) {
        let peer = PeerID(parcel.sender)
        let arrival: Arrival
        do {
            arrival = try parcel.arrival()
        } catch {
            return try carryOut(machine.receivedGarbage(error.description, from: peer))
        }
        switch arrival {
        case .control(let message): try carryOut(machine.received(message, from: peer, now: now))
        case .rows(let header, let rows): try take(header, rows, from: peer, at: now)
        }
    }

    func carryOut(_ directives: [CoordinatorDirective]) throws(RuntimeError) {
        for directive in directives {
            switch directive {
            case .send(let message, let peer):
                let control: OutgoingFrame? = message.control.isEmpty ? nil : .bytes(message.control)
                try send(message.envelope.head(over: control), control, to: peer)
            case .clusterReady:
                isReady = true
            case .released:
                isReleased = true
            case .refused(let peer, let reason): warn("refused peer \(peer): \(reason)")
            case .note(let text):
                warn(text)
                if warnings.count < Self.mostWarnings { warnings.append(text) }
            case .fail(let failure):
                throw .cluster(failure)
            }
        }
    }

    private func warn(_ text: String) {
        logged += 1
        if logged <= Self.mostWarnings { log.warning("\(text)") }
    }

    func send(_ head: [UInt8], _ payload: OutgoingFrame?, to peer: PeerID) throws(RuntimeError) {
        let outcome: SendOutcome
        do {
            outcome = try socket.send(to: peer.bytes, head: head, payload: payload)
        } catch {
            throw .local(error.description)
        }
        guard outcome != .sent, !unreachable.contains(where: { $0.peer == peer }) else { return }
        unreachable.append((peer, MonotonicClock.now()))
    }
}

extension CoordinatorShell {
    /// Send the payloads of chunks, or hold them back for an artificial delay.
    func send(_ dispatches: [Dispatch<ChunkInFlight>]) throws(RuntimeError) {
        for dispatch in dispatches {
            let now = MonotonicClock.now()
            let payload = OutgoingFrame.buffer(dispatch.chunk.payloads[dispatch.part])
            let head = dispatch.envelope.head(over: payload)
            dispatch.chunk.handOver(dispatch.part, at: now)
            if let delay, delay.phase == .dispatch, delay.rank == Int(dispatch.envelope.rank),
                delays.isFirst(dispatch.envelope)
            {
                delayed.append(Delayed(due: now + delay.duration, head: head, payload: payload, peer: dispatch.peer))
            } else {
                try send(head, payload, to: dispatch.peer)
            }
        }
    }

    /// Store the rows of an arrived result in its chunk, or carry out what the protocol asks for instead.
    func take(_ header: Envelope, _ rows: ReceivedFrame, from peer: PeerID, at now: Nanoseconds) throws(RuntimeError) {
        switch machine.received(rows: header, from: peer) {
        case .collect(let chunk, let part, let stamps): chunk.collect(part, rows, stamps, at: now)
        case .others(let directives): try carryOut(directives)
        }
    }

    func sendDelayed() throws(RuntimeError) {
        let now = MonotonicClock.now()
        for item in delayed where item.due <= now { try send(item.head, item.payload, to: item.peer) }
        delayed.removeAll { $0.due <= now }
    }
}

/// The observations of one rank in one exchange: its chunks with stamps, copies and bytes.
struct RankObservation: Sendable {
    let rank: Int
    private(set) var sharedTokens = 0
    /// The rank's chunks whose results have arrived, with their time stamps as they were taken.
    var chunks: [ChunkTrack] = []

    init(rank: Int) {
        self.rank = rank
    }

    var stamps: [ChunkStamps] { chunks.map(\.stamps) }
    /// Routed copies that the rank computed.
    var copies: Int { chunks.reduce(0) { $0 + $1.copies } }
    /// Bytes sent to the rank: envelopes and payloads.
    var dispatchBytes: Int { chunks.reduce(0) { $0 + $1.dispatchBytes } }
    /// Bytes received from the rank: envelopes and payloads.
    var combineBytes: Int { chunks.reduce(0) { $0 + $1.combineBytes } }

    mutating func add(_ part: RankChunk, _ work: ChunkWork, _ stamps: ChunkStamps) {
        sharedTokens += part.rows - part.routedRows
        let chunk = ChunkTrack(
            stamps: stamps,
            copies: part.routedRows,
            dispatchBytes: Envelope.byteCount + work.dispatchBytes,
            combineBytes: Envelope.byteCount + work.replyBytes
        )
        chunks.append(chunk)
    }
}
