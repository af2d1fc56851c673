public import Basics
internal import Cluster
internal import Foundation
public import Logging
internal import Tensors
public import Transport

/// A worker process: it owns the socket, feeds a `WorkerProtocol` and carries out its directives.
public final class WorkerShell {
    /// The longest time between two looks at the clock.
    private static let tick = Nanoseconds(seconds: 0.05)
    /// The most messages that are read before finished computations and the clock are looked at again.
    private static let messagesPerLook = 1000
    /// The number of hellos without a connection after which the worker opens a new socket: after a CURVE handshake
    /// that failed for other keys, libzmq never connects the old socket again.
    private static let hellosPerSocket = 10

    private let options: WorkerOptions
    private let interrupt: Interrupt
    private let log: Logger
    private let context: MessageContext
    private let outcomeReady: Wakeup
    private let compute: ComputeThread
    private let loader: SlotLoader
    /// Experts that are loaded and do not serve yet, by layer.
    private var arrived: [Int: ArrivedExperts] = [:]

    private var socket: DealerSocket
    private var machine: WorkerProtocol
    private var delay: PhaseDelay?
    private var delayed: [DelayedResult] = []
    private var delays = OncePerLayer()
    private var ending: Ending?
    private var unsentHellos = 0
    private var attempts = 0

    private enum Ending {
        case done
        case failed(String)
    }

    private struct DelayedResult {
        let due: Nanoseconds
        let head: [UInt8]
        let payload: OutgoingFrame
    }

    /// Prepare a worker, which begins to dial in ``run()``.
    public init(options: WorkerOptions, interrupt: Interrupt, log: Logger) throws(RuntimeError) {
        Heap.keepChunkBuffers()
        self.options = options
        self.interrupt = interrupt
        self.log = log
        if let failure = options.endpoint.lookUpFailure {
            let found = "cannot connect to \(options.endpoint): its host has no address here: \(failure)"
            guard options.stays else { throw .local(found) }
            log.warning("\(found); it is asked for again and again")
        }
        do {
            context = try MessageContext()
            outcomeReady = try Wakeup()
            socket = try DealerSocket(context: context, endpoint: options.endpoint, keys: options.keys)
        } catch {
            throw .local(error.description)
        }
        compute = ComputeThread(outcomeReady: outcomeReady)
        loader = SlotLoader(outcomeReady: outcomeReady)
        let hello = Hello(
            pid: getpid(),
            host: Host.name,
            bootID: Host.bootID,
            processor: Host.productProcessor,
            rank: options.rank,
            heldWeightBytes: 0,
            residentBytes: Host.residentMemory,
            version: EpsimVersion.current
        )
        machine = WorkerProtocol(hello: hello, stays: options.stays, now: MonotonicClock.now())
    }

    /// Serve until the worker is told to stop, its run is over or its coordinator is lost.
    public func run() throws(RuntimeError) {
        while ending == nil {
            if interrupt.isRaised { throw .interrupted }
            if let parent = options.parent, getppid() != parent { return }
            do {
                try step()
            } catch {
                throw .local(error.description)
            }
        }
        if case .failed(let reason) = ending { throw .local("\(reason) (\(options.endpoint))") }
    }

    private func step() throws(TransportError) {
        try Poller.wait(socket.socket, outcomeReady, milliseconds: waitMilliseconds())
        for _ in 0..<Self.messagesPerLook {
            guard ending == nil, let parcel = try socket.receive() else { break }
            try handle(parcel, at: MonotonicClock.now())
        }
        for outcome in compute.takeOutcomes() where ending == nil { try handle(outcome) }
        for outcome in loader.takeOutcomes() where ending == nil {
            let (keeps, directives) = machine.prepared(outcome.answer, epoch: outcome.epoch)
            if keeps { arrived[outcome.answer.layer] = outcome.experts }
            try carryOut(directives)
        }
        try sendDueResults()
        try carryOut(machine.tick(now: MonotonicClock.now()))
    }

    private func waitMilliseconds() -> Int {
        let now = MonotonicClock.now()
        let next = delayed.map { $0.due - now }.min() ?? Self.tick
        return Int(max(0, min(next, Self.tick)) / 1_000_000)
    }

    private func handle(_ parcel: Parcel, at now: Nanoseconds) throws(TransportError) {
        let arrival: Arrival
        do {
            arrival = try parcel.arrival()
        } catch {
            return try carryOut(machine.receivedGarbage(error.description, now: now))
        }
        switch arrival {
        case .control(let message):
            try carryOut(machine.received(message, now: now))
        case .rows(let header, let rows):
            switch machine.received(rows: header, table: rows.prefix(Int(header.segments) * 8), now: now) {
            case .compute(let envelope, let layout):
                compute.submit(.compute(envelope, layout, rows, received: now))
            case .others(let directives):
                try carryOut(directives)
            }
        }
    }

    private func handle(_ outcome: ComputeOutcome) throws(TransportError) {
        switch outcome {
        case .loaded(let ready):
            log.info(
                "holds \(DisplayUnit.mebibytes().full(Double(ready.weightBytes))) of expert weights\(ready.reused ? " from before" : "")"
            )
            machine.hello.heldWeightBytes = ready.weightBytes
            machine.hello.residentBytes = Host.residentMemory
            try carryOut(machine.loaded(ready, now: MonotonicClock.now()))
        case .computed(let envelope, let layout, let output, let stamps):
            guard let header = machine.computed(envelope, layout: layout, stamps: stamps) else { return }
            try send(output, under: header)
        case .failed(let reason):
            try carryOut(machine.failed(reason, now: MonotonicClock.now()))
        }
    }

    private func carryOut(_ directives: [WorkerDirective]) throws(TransportError) {
        for directive in directives {
            switch directive {
            case .send(let message):
                try send(message)
            case .load(let assignment):
                log.info("has rank \(assignment.rank)")
                delay = assignment.delay
                delays = OncePerLayer()
                arrived = [:]
                compute.submit(.load(assignment))
            case .prepare(let arrival, let weights, let epoch):
                loader.submit(SlotLoader.Job(arrival: arrival, weights: weights, epoch: epoch))
            case .adopt(let layer, let experts):
                let own = arrived.removeValue(forKey: layer) ?? ArrivedExperts([:])
                compute.submit(.adopt(layer: layer, experts: experts, own))
            case .drop(let layer):
                arrived[layer] = nil
            case .redial:
                log.info("dials again")
                delayed = []
                arrived = [:]
                try socket.socket.setLinger(milliseconds: 500)
                try dial()
            case .exit(let reason):
                try socket.socket.setLinger(milliseconds: 500)
                ending = reason.map(Ending.failed) ?? .done
            }
        }
    }

    private func send(_ message: Message) throws(TransportError) {
        let control: OutgoingFrame? = message.control.isEmpty ? nil : .bytes(message.control)
        let outcome = try socket.send(head: message.envelope.head(over: control), payload: control)
        guard message.envelope.kind == .hello else { return }
        // Nobody there yet: the protocol says it again.
        unsentHellos = outcome == .sent ? 0 : unsentHellos + 1
        if unsentHellos >= Self.hellosPerSocket {
            attempts += 1
            try dial()
        }
    }

    private func send(_ output: AlignedBuffer, under header: Envelope) throws(TransportError) {
        var envelope = header
        envelope.stamps.w = MonotonicClock.now()
        let payload = OutgoingFrame.buffer(output)
        let head = envelope.head(over: payload)
        guard let delay, delay.phase == .combine, delays.isFirst(envelope) else {
            _ = try socket.send(head: head, payload: payload)
            return
        }
        let due = envelope.stamps.w + delay.duration
        delayed.append(DelayedResult(due: due, head: head, payload: payload))
    }

    private func sendDueResults() throws(TransportError) {
        let now = MonotonicClock.now()
        for result in delayed where result.due <= now {
            _ = try socket.send(head: result.head, payload: result.payload)
        }
        delayed.removeAll { $0.due <= now }
    }

    private func dial() throws(TransportError) {
        unsentHellos = 0
        socket = try DealerSocket(
            context: context,
            endpoint: options.endpoint,
            keys: options.keys,
            attempt: attempts
        )
    }
}

/// The options of a worker process.
public struct WorkerOptions: Sendable {
    /// The endpoint that the coordinator listens at.
    public var endpoint: Endpoint
    /// The CURVE keys of the cluster, or nil for no encryption.
    public var keys: CurveKeys?
    /// The rank that the worker asks for, or nil for any.
    public var rank: Int?
    /// Whether the worker dials again when a run is over, instead of ending.
    public var stays: Bool
    /// The process that started the worker, or nil: when it ends, so does the worker.
    public var parent: Int32?

    /// The options of one worker.
    public init(endpoint: Endpoint, keys: CurveKeys?, rank: Int?, stays: Bool, parent: Int32?) {
        self.endpoint = endpoint
        self.keys = keys
        self.rank = rank
        self.stays = stays
        self.parent = parent
    }
}
