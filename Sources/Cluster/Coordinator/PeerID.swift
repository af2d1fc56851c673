import Basics

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
