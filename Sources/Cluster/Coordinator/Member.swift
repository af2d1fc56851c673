import Basics

/// A worker that the coordinator has given a rank.
public struct Member: Equatable, Sendable {
    /// Routing id.
    public let peer: PeerID
    /// Its rank.
    public let rank: Int
    /// What it said of itself.
    public let hello: Hello
    /// What it said when its weights were in place; nil until then.
    public internal(set) var ready: Ready?
    /// Its clock against the coordinator's.
    public internal(set) var clock: ClockOffset

    /// The largest uncertainty of its clock with which a result's stamps were moved.
    public internal(set) var usedUncertainty: Nanoseconds = 0

    var lastPing: Nanoseconds
    var unansweredPings = 0

    init(peer: PeerID, rank: Int, hello: Hello, sharesClock: Bool, now: Nanoseconds) {
        self.peer = peer
        self.rank = rank
        self.hello = hello
        clock = ClockOffset(sharesClock: sharesClock)
        lastPing = now
    }

    /// The worker for a person: `worker 2 (pid 4711 on host)`.
    public var name: String {
        "worker \(rank) (pid \(hello.pid) on \(hello.host))"
    }
}

/// The routing id under which a peer is known to the coordinator's socket; fresh for each incarnation of a worker.
public struct PeerID: Hashable, Sendable, CustomStringConvertible {
    /// 1 to 255 bytes.
    public let bytes: [UInt8]

    /// A peer with this routing id.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Hexadecimal.
    public var description: String { Hexadecimal.text(bytes) }
}
