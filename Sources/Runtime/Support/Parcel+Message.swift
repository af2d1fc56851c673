internal import Cluster
import Tensors
internal import Transport

/// A received message with undamaged header and payload.
enum Arrival {
    /// A control message.
    case control(Message)
    /// Rows, with their header.
    case rows(Envelope, ReceivedFrame)
}

extension Parcel {
    /// The message in the parcel, once header and payload are known to be undamaged and of the announced size.
    ///
    /// The check of the rows also brings them into the cache for the thread that reads them next.
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
    /// The first frame of a message with this payload. Every message leaves by this function, and comes in by
    /// `Parcel.arrival()`.
    ///
    /// The checksum is taken right before the socket copies or hands over the payload, on the thread that sends: a
    /// worker computes its next batch meanwhile.
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
