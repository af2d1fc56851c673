internal import Cluster
internal import Transport

extension Parcel {
    /// The message that a parcel holds.
    func message() throws(WireError) -> Message {
        let envelope = try Envelope(decoding: head)
        let size = payload?.byteCount ?? 0
        guard frames <= 2, UInt64(size) == envelope.payloadBytes else {
            throw WireError("\(frames) frames, \(size) bytes where \(envelope.payloadBytes) were announced")
        }
        guard envelope.kind.isControl else { return Message(envelope: envelope) }
        guard size <= ControlCoding.byteLimit else {
            throw WireError("a \(envelope.kind) of \(size) bytes; at most \(ControlCoding.byteLimit) are read")
        }
        return Message(envelope: envelope, control: payload?.prefix(size) ?? [])
    }
}
