/// A worker's side of the protocol, without sockets or clocks.
///
/// Each event is a method that takes the time and returns what to do; see ``WorkerDirective``.
public struct WorkerProtocol: Sendable {
    enum State: Equatable, Sendable {
        case dialling(nextHello: Nanoseconds, deadline: Nanoseconds?)
        case loading(Assignment)
        case serving(Assignment)
        case ended
    }

    /// Pause between two hellos that nobody has answered.
    static let helloPause = Nanoseconds(seconds: 0.1)
    /// How long a worker that does not stay looks for its coordinator.
    static let dialLimit = Nanoseconds(seconds: 60)

    /// Micro-batches of a step that may be in flight.
    static let microBatches = 2

    /// What the worker says of itself; the shell keeps the held bytes up to date.
    public var hello: Hello

    let stays: Bool
    var state: State
    var epoch: UInt32 = 0
    var lastHeard: Nanoseconds
    var bytesHeld = 0
    var arrived = ArrivedBatches()
    /// When the assignment was sent, on the coordinator's clock, and received, on this one.
    var assigned: (sent: Nanoseconds, received: Nanoseconds) = (0, 0)
    /// Loads that were under way when the worker left their run: nobody waits for their outcomes.
    var abandonedLoads = 0

    /// Begins to dial.
    ///
    /// - Parameters:
    ///   - hello: what the worker says of itself.
    ///   - stays: whether the worker dials again when a run is over.
    ///   - now: the time.
    public init(hello: Hello, stays: Bool, now: Nanoseconds) {
        self.hello = hello
        self.stays = stays
        lastHeard = now
        state = .dialling(nextHello: now, deadline: stays ? nil : now + Self.dialLimit)
    }

    /// Time has passed.
    public mutating func tick(now: Nanoseconds) -> [WorkerDirective] {
        switch state {
        case .dialling(let nextHello, let deadline):
            if let deadline, now > deadline {
                return exit("no coordinator answered within \(Self.dialLimit.seconds) s")
            }
            guard now >= nextHello else { return [] }
            state = .dialling(nextHello: now + Self.helloPause, deadline: deadline)
            return control(.hello, hello)
        case .loading(let assignment), .serving(let assignment):
            guard now - lastHeard > assignment.silenceLimit else { return [] }
            return leave(now, "the coordinator has been silent for \(assignment.silenceLimit.seconds) s")
        case .ended:
            return []
        }
    }

    /// A message arrived whose header could be read.
    ///
    /// - Parameters:
    ///   - message: header and control payload.
    ///   - table: for a dispatch, the segment table at the head of its payload.
    ///   - now: the time.
    public mutating func received(
        _ message: Message,
        table: [UInt8] = [],
        now: Nanoseconds
    ) -> [WorkerDirective] {
        guard state != .ended else { return [] }
        lastHeard = now
        switch message.envelope.kind {
        case .assign: return takeAssignment(message, now)
        case .dispatch: return takeDispatch(message.envelope, table)
        case .ping: return answer(message.envelope, now)
        case .refuse: return takeRefusal(message, now)
        case .release: return takeRelease(message.envelope, now)
        case .stop: return exit(nil)
        case .hello, .ready, .result, .pong, .failed, .bye: return []
        }
    }

    /// The coordinator sent something that is no message of ours.
    public mutating func receivedGarbage(_ reason: String, now: Nanoseconds) -> [WorkerDirective] {
        guard state != .ended else { return [] }
        return giveUp("the coordinator sent \(reason)")
    }

    /// The weights of the oldest assignment that was to be loaded are in place.
    public mutating func loaded(_ ready: Ready, now: Nanoseconds) -> [WorkerDirective] {
        guard abandonedLoads == 0 else {
            abandonedLoads -= 1
            return []
        }
        guard case .loading(let assignment) = state else { return [] }
        state = .serving(assignment)
        return control(.ready, ready, stamps: SIMD4(assigned.sent, assigned.received, now, 0))
    }

    /// Something that the worker needs could not be done. A worker that stays is there for the next run all the same.
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

    /// A batch has been computed.
    public mutating func computed(_ dispatch: Envelope, layout: BatchLayout, stamps: WorkerStamps) -> [WorkerDirective]
    {
        guard case .serving = state, dispatch.epoch == epoch else { return [] }
        bytesHeld -= layout.byteCount + layout.replyByteCount
        var envelope = dispatch
        envelope.kind = .result
        envelope.dtype = layout.form.combine
        envelope.segments = 0
        envelope.payloadBytes = UInt64(layout.replyByteCount)
        envelope.stamps = stamps.lanes
        return [.sendResult(envelope)]
    }
}
