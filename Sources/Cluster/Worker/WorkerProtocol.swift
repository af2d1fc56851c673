import MoE
internal import Tensors

/// A worker's side of the protocol, without sockets or clocks.
///
/// Each event is a method that takes the time and returns the directives to carry out; see ``WorkerDirective``.
public struct WorkerProtocol: Sendable {
    private enum State: Equatable, Sendable {
        case dialling(nextHello: Nanoseconds, deadline: Nanoseconds?)
        case loading(Assignment)
        case serving(Assignment)
        case ended
    }

    /// Pause between two hellos that nobody has answered.
    private static let helloPause = Nanoseconds(seconds: 0.1)
    /// The longest time for which a worker that does not stay looks for its coordinator.
    private static let dialLimit = Nanoseconds(seconds: 60)

    /// The longest pause between two ticks that a worker does not report; far longer than its shell waits between
    /// ticks.
    private static let awayLimit = Nanoseconds(seconds: 1)

    /// The most micro-batches that a step may have.
    private static let microBatches = 2

    /// The worker's description of itself; the shell keeps the held bytes up to date.
    public var hello: Hello

    private let stays: Bool
    private var state: State
    private var epoch: UInt32 = 0
    private var lastHeard: Nanoseconds
    private var lastTick: Nanoseconds
    private var bytesHeld = 0
    private var arrived = ArrivedBatches()
    /// The times at which the assignment was sent, on the coordinator's clock, and received, on the worker's.
    private var assigned: (sent: Nanoseconds, received: Nanoseconds) = (0, 0)
    /// The number of loads of weights that are still under way for runs that the worker has left; their outcomes are
    /// ignored.
    private var abandonedLoads = 0
    private var arrivals = Arrivals()

    /// Begin to dial.
    ///
    /// - Parameters:
    ///   - hello: the worker's description of itself.
    ///   - stays: whether the worker dials again when a run is over.
    ///   - now: the time.
    public init(hello: Hello, stays: Bool, now: Nanoseconds) {
        self.hello = hello
        self.stays = stays
        lastHeard = now
        lastTick = now
        state = .dialling(nextHello: now, deadline: stays ? nil : now + Self.dialLimit)
    }

    /// Handle the passing of time.
    public mutating func tick(now: Nanoseconds) -> [WorkerDirective] {
        let absence = lastTick..<max(lastTick, now)
        lastTick = now
        switch state {
        case .dialling(let nextHello, let deadline):
            if let deadline, now > deadline {
                return exit("no coordinator answered within \(Self.dialLimit.seconds) s")
            }
            guard now >= nextHello else { return [] }
            state = .dialling(nextHello: now + Self.helloPause, deadline: deadline)
            return control(.hello, hello)
        case .loading(let assignment), .serving(let assignment):
            guard now - lastHeard > assignment.silenceLimit else { return tell(absence) }
            return leave(now, "the coordinator has been silent for \(assignment.silenceLimit.seconds) s")
        case .ended:
            return []
        }
    }

    /// Tell the coordinator of a long time without a tick: the process was stopped, or its host had no time for it.
    private func tell(_ absence: Range<Nanoseconds>) -> [WorkerDirective] {
        guard absence.upperBound - absence.lowerBound > Self.awayLimit else { return [] }
        let stamps = SIMD4(absence.lowerBound, absence.upperBound, 0, 0)
        return [.send(Message(envelope: Envelope(kind: .away, epoch: epoch, stamps: stamps)))]
    }

    /// Handle a control message.
    public mutating func received(_ message: Message, now: Nanoseconds) -> [WorkerDirective] {
        guard state != .ended else { return [] }
        lastHeard = now
        switch message.envelope.kind {
        case .assign: return takeAssignment(message, now)
        case .ping: return answer(message.envelope, now)
        case .refuse: return takeRefusal(message, now)
        case .release: return takeRelease(message.envelope, now)
        case .stop: return exit(nil)
        case .prepare: return takeArrival(message)
        case .settle: return takeSettlement(message, now)
        case .hello, .ready, .dispatch, .result, .pong, .failed, .bye, .away, .prepared: return []
        }
    }

    /// Handle the header and segment table of a message with rows.
    ///
    /// - Parameters:
    ///   - header: the header of the message.
    ///   - table: the segment table at the head of the payload.
    ///   - now: the time.
    public mutating func received(rows header: Envelope, table: [UInt8], now: Nanoseconds) -> WorkerRowsDirective {
        guard state != .ended else { return .others([]) }
        lastHeard = now
        guard header.kind == .dispatch, case .serving(let assignment) = state, header.epoch == epoch else {
            return .others([])
        }
        do {
            guard let layout = try layout(of: header, table, assignment) else { return .others([]) }
            return .compute(header, layout)
        } catch {
            return .others(giveUp("the coordinator sent \(error)"))
        }
    }

    /// Handle bytes of the coordinator that are no message of this protocol.
    public mutating func receivedGarbage(_ reason: String, now: Nanoseconds) -> [WorkerDirective] {
        guard state != .ended else { return [] }
        return giveUp("the coordinator sent \(reason)")
    }

    /// Note that the weights of the oldest assignment that was to be loaded are in place.
    public mutating func loaded(_ ready: Ready, now: Nanoseconds) -> [WorkerDirective] {
        guard abandonedLoads == 0 else {
            abandonedLoads -= 1
            return []
        }
        guard case .loading(let assignment) = state else { return [] }
        state = .serving(assignment)
        return control(.ready, ready, stamps: SIMD4(assigned.sent, assigned.received, now, 0))
    }

    /// Handle the failure of a load or a computation. A worker that stays is there for the next run all the same.
    public mutating func failed(_ reason: String, now: Nanoseconds) -> [WorkerDirective] {
        guard state != .ended else { return [] }
        guard abandonedLoads == 0 else {
            abandonedLoads -= 1
            return []
        }
        // The outcome is here: nothing is left to abandon.
        if case .loading(let assignment) = state { state = .serving(assignment) }
        return control(.failed, Notice(reason: reason)) + leave(now, reason)
    }

    /// Note that the slots of an arrival are loaded, or refused.
    ///
    /// - Parameter epoch: that of the directive.
    /// - Returns: the answer, and whether the loaded weights are to be kept until the layer is settled.
    public mutating func prepared(_ answer: Prepared, epoch: UInt32) -> (keeps: Bool, directives: [WorkerDirective]) {
        guard case .serving = state, epoch == self.epoch else { return (false, []) }
        return (arrivals.note(answer), control(.prepared, answer))
    }

    /// Note that a batch has been computed.
    ///
    /// - Returns: the header of its result, of which the shell sets `stamps.w` when it hands it over; nil when nobody
    ///   waits for it any more.
    public mutating func computed(_ dispatch: Envelope, layout: BatchLayout, stamps: WorkerStamps) -> Envelope? {
        guard case .serving = state, dispatch.epoch == epoch, arrived.isNewest(dispatch) else { return nil }
        bytesHeld -= layout.byteCount + layout.replyByteCount
        var envelope = dispatch
        envelope.kind = .result
        envelope.dtype = layout.form.combine
        envelope.segments = 0
        envelope.payloadBytes = UInt64(layout.replyByteCount)
        envelope.stamps = stamps.lanes
        return envelope
    }
}

extension WorkerProtocol {
    private mutating func takeAssignment(_ message: Message, _ now: Nanoseconds) -> [WorkerDirective] {
        guard case .dialling = state else { return [] }
        do {
            let assignment = try ControlCoding.decode(Assignment.self, from: message.control)
            try assignment.check()
            epoch = message.envelope.epoch
            arrivals = Arrivals()
            assigned = (message.envelope.stamps.x, now)
            state = .loading(assignment)
            return [.load(assignment)]
        } catch {
            return giveUp("the coordinator sent \(error)")
        }
    }

    /// The layout of a new dispatch within the agreed bounds, or nil for a repeated dispatch.
    private mutating func layout(
        of header: Envelope,
        _ table: [UInt8],
        _ assignment: Assignment
    ) throws(WireError) -> BatchLayout? {
        guard header.pass == .forward else {
            throw WireError("tokens of a \(header.pass) pass; this worker computes forward passes only")
        }
        guard Int(header.layer) < assignment.weights.model.layers else {
            throw WireError("tokens for layer \(header.layer) of \(assignment.weights.model.layers)")
        }
        guard header.map == arrivals.map(ofLayer: Int(header.layer)) else {
            throw WireError(
                "tokens for map \(header.map) of layer \(header.layer), which has "
                    + "\(arrivals.map(ofLayer: Int(header.layer)))"
            )
        }
        guard header.batch < Self.microBatches else {
            throw WireError("tokens of micro-batch \(header.batch); a step has at most \(Self.microBatches)")
        }
        let agreed = assignment.form.dispatch
        guard header.dtype == agreed else {
            throw WireError("\(header.dtype.rawValue) tokens where \(agreed.rawValue) was agreed")
        }
        let arrival = arrived.insert(header)
        guard arrival != .repeated else { return nil }
        let layout = try BatchLayout(
            envelope: header,
            table: table,
            slots: assignment.weights.slots(inLayer: Int(header.layer)),
            hidden: assignment.weights.model.hidden,
            form: assignment.form
        )
        // A further attempt takes the place of the one before.
        let bytes = arrival == .again ? 0 : layout.byteCount + layout.replyByteCount
        guard bytesHeld == 0 || bytesHeld + bytes <= assignment.creditBytes else {
            throw WireError("\(bytes) bytes beyond the credit of \(assignment.creditBytes)")
        }
        bytesHeld += bytes
        return layout
    }

    private mutating func takeArrival(_ message: Message) -> [WorkerDirective] {
        guard case .serving(let assignment) = state, message.envelope.epoch == epoch else { return [] }
        do {
            let arrival = try ControlCoding.decode(SlotArrival.self, from: message.control)
            try arrival.check(assignment.weights)
            return try !arrivals.begin(arrival) ? [] : [.prepare(arrival, assignment.weights, epoch: epoch)]
        } catch {
            return giveUp("the coordinator sent \(error)")
        }
    }

    private mutating func takeSettlement(_ message: Message, _ now: Nanoseconds) -> [WorkerDirective] {
        guard case .serving(var assignment) = state, message.envelope.epoch == epoch else { return [] }
        do {
            let settlement = try ControlCoding.decode(Settlement.self, from: message.control)
            switch try arrivals.settle(settlement) {
            case .repeated: return []
            case .drop: return [.drop(layer: settlement.layer)]
            case .adopt(let experts):
                guard bytesHeld == 0 else {
                    throw WireError("a switch of layer \(settlement.layer) in the middle of a step")
                }
                assignment.weights.experts[settlement.layer] = experts
                state = .serving(assignment)
                return [.adopt(layer: settlement.layer, experts: experts)]
            }
        } catch {
            return giveUp("the coordinator sent \(error)")
        }
    }

    private func answer(_ ping: Envelope, _ now: Nanoseconds) -> [WorkerDirective] {
        guard ping.epoch == epoch else { return [] }
        var envelope = ping
        envelope.kind = .pong
        envelope.stamps = SIMD4(ping.stamps.x, now, now, 0)
        return [.send(Message(envelope: envelope))]
    }

    private mutating func takeRefusal(_ message: Message, _ now: Nanoseconds) -> [WorkerDirective] {
        let reason = (try? ControlCoding.decode(Notice.self, from: message.control))?.reason ?? "no reason given"
        return leave(now, "the coordinator refused this worker: \(reason)")
    }

    private mutating func takeRelease(_ release: Envelope, _ now: Nanoseconds) -> [WorkerDirective] {
        guard release.epoch == epoch else { return [] }
        let bye = WorkerDirective.send(Message(envelope: Envelope(kind: .bye, epoch: epoch, rank: release.rank)))
        return [bye] + leave(now, nil)
    }

    /// Leave this run; a worker that stays dials again.
    private mutating func leave(_ now: Nanoseconds, _ reason: String?) -> [WorkerDirective] {
        guard stays else { return exit(reason) }
        if case .loading = state { abandonedLoads += 1 }
        epoch = 0
        bytesHeld = 0
        arrived = ArrivedBatches()
        state = .dialling(nextHello: now + Self.helloPause, deadline: nil)
        return [.redial]
    }

    /// Tell the coordinator the reason, and end.
    private mutating func giveUp(_ reason: String) -> [WorkerDirective] {
        control(.failed, Notice(reason: reason)) + exit(reason)
    }

    private mutating func exit(_ reason: String?) -> [WorkerDirective] {
        state = .ended
        return [.exit(reason: reason)]
    }

    private func control<Value: Encodable>(
        _ kind: MessageKind,
        _ value: Value,
        stamps: SIMD4<Int64> = .zero
    ) -> [WorkerDirective] {
        do {
            let bytes = try ControlCoding.encode(value)
            let envelope = Envelope(kind: kind, epoch: epoch, payloadBytes: UInt64(bytes.count), stamps: stamps)
            return [.send(Message(envelope: envelope, control: bytes))]
        } catch {
            return [.exit(reason: error.description)]
        }
    }
}

/// A task for the worker's shell.
public enum WorkerDirective: Equatable, Sendable {
    /// Send a control message.
    case send(Message)
    /// Put the weights of this assignment in place, then call `loaded` or `failed`.
    case load(Assignment)
    /// Load the experts of an arrival that the worker does not hold by these weights, while it serves; then call
    /// `prepared`.
    case prepare(SlotArrival, Assignment.Weights, epoch: UInt32)
    /// Let a layer have these experts from now on, those that were prepared among them.
    case adopt(layer: Int, experts: [Int])
    /// Drop what was prepared for a layer.
    case drop(layer: Int)
    /// Close the socket and dial again under a fresh routing id.
    case redial
    /// End the process: nil when all is well, else with the reason.
    case exit(reason: String?)
}

/// A task for the worker's shell that concerns rows that have arrived.
public enum WorkerRowsDirective: Equatable, Sendable {
    /// Compute the rows, then call `computed`.
    case compute(Envelope, BatchLayout)
    /// Drop the rows, and carry out these directives.
    case others([WorkerDirective])
}
