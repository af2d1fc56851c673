internal import Cluster
internal import Transport

/// What has arrived.
enum Arrival {
    /// A control message.
    case control(Message)
    /// Rows under their header.
    case rows(Envelope, ReceivedFrame)
}

extension Parcel {
    /// The message that a parcel holds.
    func arrival() throws(WireError) -> Arrival {
        let envelope = try Envelope(decoding: head)
        let size = payload?.byteCount ?? 0
        guard frames <= 2, UInt64(size) == envelope.payloadBytes else {
            throw WireError("\(frames) frames, \(size) bytes where \(envelope.payloadBytes) were announced")
        }
        guard envelope.kind.isControl else {
            guard let payload else { throw WireError("a \(envelope.kind) without rows") }
            return .rows(envelope, payload)
        }
        guard size <= ControlCoding.byteLimit else {
            throw WireError("a \(envelope.kind) of \(size) bytes; at most \(ControlCoding.byteLimit) are read")
        }
        return .control(Message(envelope: envelope, control: payload?.prefix(size) ?? []))
    }
}
