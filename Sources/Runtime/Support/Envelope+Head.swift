import Tensors
internal import Cluster
internal import Transport

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
