import Basics

/// A worker that the coordinator has given a rank.
public struct Member: Equatable, Sendable {
    /// The routing id of the worker.
    public let peer: PeerID
    /// The rank of the worker.
    public let rank: Int
    /// The worker's description of itself.
    public let hello: Hello
    /// The message that the worker's weights are in place; nil until it arrives.
    public internal(set) var ready: Ready?
    /// The offset of the worker's clock from the coordinator's.
    public internal(set) var clock: ClockOffset

    /// The largest uncertainty of the worker's clock so far, of those with which stamps of results were moved to the
    /// coordinator's clock.
    public internal(set) var usedUncertainty: Nanoseconds = 0

    /// Seconds from the arrival of the worker's assignment until its weights were in place, on its own clock.
    public internal(set) var loadSeconds = 0.0

    var lastPing: Nanoseconds
    var unansweredPings = 0

    init(peer: PeerID, rank: Int, hello: Hello, sharesClock: Bool, now: Nanoseconds) {
        self.peer = peer
        self.rank = rank
        self.hello = hello
        clock = ClockOffset(sharesClock: sharesClock)
        lastPing = now
    }

    /// The worker's name in messages to a person: `worker 2 (pid 4711 on host)`.
    public var name: String {
        "worker \(rank) (pid \(hello.pid) on \(hello.host))"
    }

    /// Note how long loading took, by the stamps of the answer; impossible ones say nothing.
    mutating func noteLoad(_ ready: Envelope) {
        let (duration, isTooLong) = ready.stamps.z.subtractingReportingOverflow(ready.stamps.y)
        if duration > 0, !isTooLong { loadSeconds = duration.seconds }
    }

    /// What a person is to know of a time in which the worker did nothing, by its two stamps; nil for impossible ones.
    func absence(_ away: Envelope) -> String? {
        let (absence, isTooLong) = away.stamps.y.subtractingReportingOverflow(away.stamps.x)
        guard absence > 0, !isTooLong else { return nil }
        return
            "\(name) did nothing for \(DurationText.of(absence.seconds)): it was stopped, or its host is overloaded; "
            + "measured times show it"
    }
}

/// The routing id under which the coordinator's socket knows a peer; a worker gets a new one each time it dials.
public struct PeerID: Hashable, Sendable, CustomStringConvertible {
    /// The routing id, 1 to 255 bytes.
    public let bytes: [UInt8]

    /// A peer with this routing id.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The routing id in hexadecimal.
    public var description: String { Hexadecimal.text(bytes) }
}

/// The lead of a worker's monotonic clock over the coordinator's, from round trips, in nanoseconds.
///
/// A ping that left at a, arrived at b (worker's clock) and whose answer left at c and came back at d bounds the
/// offset: ((b - a) + (c - d)) / 2, give or take ((d - a) - (c - b)) / 2. The tightest round trip so far wins (Mills,
/// RFC 5905, section 8). Processes under one kernel share the clock: offset and uncertainty are then 0, unless a round
/// trip proves otherwise, as it does when a container has a time namespace of its own.
public struct ClockOffset: Equatable, Sendable {
    /// The worker's clock minus the coordinator's.
    public private(set) var offset: Nanoseconds
    /// Half of the tightest round trip's time on the wire, or nil before the first answer.
    public private(set) var uncertainty: Nanoseconds?

    /// True while both clocks are taken to be the same one, until a round trip shows that they cannot be.
    private var isAssumedShared: Bool
    /// The time on the coordinator's clock at which the answer of the round trip that gave ``offset`` came back.
    private var observedAt: Nanoseconds = 0

    /// The offset of a clock before any round trip.
    ///
    /// - Parameter sharesClock: true when both processes run under one kernel.
    public init(sharesClock: Bool) {
        offset = 0
        uncertainty = sharesClock ? 0 : nil
        isAssumedShared = sharesClock
    }

    /// Compare the clocks by the stamps of a worker's answer: x when the question was sent, y when the worker received
    /// it, z when the worker answered.
    mutating func observe(_ answer: Envelope, _ now: Nanoseconds) {
        observe(sent: answer.stamps.x, arrived: answer.stamps.y, answered: answer.stamps.z, back: now)
    }

    /// Take one round trip into account. Stamps beyond 2^60 and answers before their ping are passed over: they
    /// come from another process and may hold anything.
    public mutating func observe(sent: Nanoseconds, arrived: Nanoseconds, answered: Nanoseconds, back: Nanoseconds) {
        guard [sent, arrived, answered, back].allSatisfy({ $0.magnitude <= Self.limit }) else { return }
        let onTheWire = (back - sent) - (answered - arrived)
        // Rounded up, so that it also covers what halving the offset cuts off.
        let candidate = (onTheWire + 1) / 2
        let estimate = ((arrived - sent) + (answered - back)) / 2
        guard onTheWire >= 0 else { return }
        if isAssumedShared, estimate.magnitude > candidate.magnitude {
            (isAssumedShared, uncertainty) = (false, nil)
        }
        guard candidate < agedUncertainty(at: back) ?? .max else { return }
        observedAt = back
        uncertainty = candidate
        offset = estimate
    }

    /// The uncertainty at a later time. Clocks drift apart, so a tight round trip is worth less with time (15 parts in
    /// a million, RFC 5905).
    private func agedUncertainty(at now: Nanoseconds) -> Nanoseconds? {
        guard !isAssumedShared else { return uncertainty }
        return uncertainty.map { $0 + max(0, now - observedAt) / 1_000_000 * 15 }
    }

    /// The largest stamp that is believed: 36 years of uptime; sums of four such stamps do not overflow.
    static let limit: UInt64 = 1 << 60
}
