internal import Tensors

/// A task for the coordinator's shell that concerns its peers.
public enum CoordinatorDirective: Equatable, Sendable {
    /// Send a control message.
    case send(Message, to: PeerID)
    /// Every worker is ready.
    case clusterReady
    /// Every worker has acknowledged the end of the run, or is gone.
    case released
    /// A peer's message was refused; the run goes on.
    case refused(peer: PeerID, reason: String)
    /// Add a note for the reader of the report; the run goes on.
    case note(String)
    /// The run cannot go on.
    case fail(ClusterFailure)
}

/// A payload that the coordinator's shell sends: the rows of a chunk that one rank computes.
public struct Dispatch<Chunk> {
    /// The header of the message.
    public let envelope: Envelope
    /// The worker that the payload goes to.
    public let peer: PeerID
    /// The handle by which the shell knows the payloads of the chunk.
    public let chunk: Chunk
    /// The index of this payload among the payloads of the chunk, one per rank.
    public let part: Int
}

extension Envelope {
    /// The header of a payload that a step machine hands over.
    init<Chunk>(_ handover: StepMachine<Chunk>.Handover, dtype: DType, map: UInt16, epoch: UInt32) {
        let work = handover.work
        self.init(
            kind: .dispatch,
            dtype: dtype,
            pass: handover.exchange.pass,
            map: map,
            epoch: epoch,
            step: handover.exchange.step,
            layer: handover.exchange.layer,
            batch: handover.exchange.batch,
            rank: UInt32(work.rank),
            chunk: UInt32(handover.piece.chunk),
            segments: UInt32(work.segments),
            rows: UInt32(work.rows),
            sentRows: UInt32(work.sentRows),
            exchange: handover.piece.exchange,
            attempt: handover.attempt,
            payloadBytes: UInt64(work.dispatchBytes)
        )
    }
}

/// A task for the coordinator's shell that concerns the rows of a result that has arrived.
public enum RowsDirective<Chunk> {
    /// Keep the rows as the outputs of a part of a chunk; stamps are on the coordinator's clock.
    case collect(Chunk, part: Int, stamps: WorkerStamps)
    /// Drop the rows, and carry out these directives.
    case others([CoordinatorDirective])
}

/// The reason for which a run cannot go on: the worker, the event, and advice.
public struct ClusterFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The worker that failed, named for a person, or nil when no single one did.
    public var worker: String?
    /// The event that ended the run: the predicate of a sentence about ``worker``, or a clause of its own.
    public var what: String
    /// The advice to the user, an imperative clause.
    public var advice: String

    /// A failure of `worker`, with the event and the advice.
    public init(worker: String?, what: String, advice: String) {
        self.worker = worker
        self.what = what
        self.advice = advice
    }

    /// The failure in one line.
    public var description: String {
        "\(worker.map { "\($0) " } ?? "")\(what); \(advice)"
    }
}
