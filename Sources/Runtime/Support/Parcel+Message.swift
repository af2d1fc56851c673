internal import Cluster
import Tensors
internal import Transport

/// What has arrived.
enum Arrival {
    /// A control message.
    case control(Message)
    /// Rows under their header.
    case rows(Envelope, ReceivedFrame)
}

extension Parcel {
    /// The message that a parcel holds, once header and payload are known to be undamaged and of the announced size.
    ///
    /// What checks the rows brings them into the cache for those who read them next.
    func arrival() throws(WireError) -> Arrival {
        let envelope = try Envelope(decoding: head)
        let size = payload?.byteCount ?? 0
        guard frames <= 2, UInt64(size) == envelope.payloadBytes else {
            throw WireError("\(frames) frames, \(size) bytes where \(envelope.payloadBytes) were announced")
        }
        guard !envelope.kind.isControl || size <= ControlCoding.byteLimit else {
            throw WireError(
                "a message of kind \(envelope.kind) of \(size) bytes; at most \(ControlCoding.byteLimit) are read"
            )
        }
        let checksum = unsafe payload?.withUnsafeBytes { unsafe Checksum.of($0) } ?? Checksum.of([])
        guard checksum == envelope.payloadChecksum else {
            throw WireError(
                "a message of kind \(envelope.kind) with a payload of \(size) bytes whose checksum is wrong"
            )
        }
        guard envelope.kind.isControl else {
            guard let payload else { throw WireError("a message of kind \(envelope.kind) without rows") }
            return .rows(envelope, payload)
        }
        return .control(Message(envelope: envelope, control: payload?.prefix(size) ?? []))
    }
}

extension Envelope {
    /// The first frame of a message with this payload: every message leaves through here, and comes in through
    /// `Parcel.arrival()`.
    ///
    /// The checksum is taken right before the socket copies or hands over the payload, on the thread that sends: a worker
    /// computes its next batch meanwhile.
    func head(over payload: OutgoingFrame?) -> [UInt8] {
        var sealed = self
        sealed.payloadChecksum = payload?.checksum ?? Checksum.of([])
        return sealed.encoded()
    }
}

extension OutgoingFrame {
    fileprivate var checksum: UInt64 {
        switch self {
        case .bytes(let bytes): Checksum.of(bytes[...])
        case .buffer(let buffer): unsafe buffer.withUnsafeBytes { unsafe Checksum.of($0) }
        }
    }
}
