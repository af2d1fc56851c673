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
