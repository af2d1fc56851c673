/// A task for the coordinator's shell that concerns its peers.
public enum CoordinatorDirective: Equatable, Sendable {
    /// Send a control message.
    case send(Message, to: PeerID)
    /// Every worker is ready.
    case clusterReady
    /// Every worker knows that the run is over, or is gone.
    case released
    /// Something was not accepted; nothing else suffers.
    case refused(peer: PeerID, reason: String)
    /// Somebody should know this; nothing else follows.
    case note(String)
    /// The run cannot go on.
    case fail(ClusterFailure)
}

/// Rows that the coordinator's shell sends: what a rank computes of a chunk.
public struct Dispatch<Chunk> {
    /// The header.
    public let envelope: Envelope
    /// The worker.
    public let peer: PeerID
    /// The shell's handle of the chunk.
    public let chunk: Chunk
    /// The place of this payload among those of the chunk.
    public let part: Int
}

/// A task for the coordinator's shell that concerns rows that have arrived.
public enum RowsDirective<Chunk> {
    /// Keep them as the outputs of a part of a chunk; stamps are on the coordinator's clock.
    case collect(Chunk, part: Int, stamps: WorkerStamps)
    /// Drop them, and do this.
    case others([CoordinatorDirective])
}

/// The reason for which a run cannot go on: the worker, what happened, and what to do.
public struct ClusterFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The worker that failed, named for a person, or nil when no single one did.
    public var worker: String?
    /// What happened.
    public var what: String
    /// What to do.
    public var advice: String

    /// A failure in three parts.
    public init(worker: String?, what: String, advice: String) {
        self.worker = worker
        self.what = what
        self.advice = advice
    }

    /// One line.
    public var description: String {
        "\(worker.map { "\($0) " } ?? "")\(what); \(advice)"
    }
}
