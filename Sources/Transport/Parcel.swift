/// A received message: its frames after the routing id.
public struct Parcel: Sendable {
    /// Routing id of the sender; empty on a socket that has one peer.
    public let sender: [UInt8]
    /// The first frame, up to ``headLimit`` bytes of it.
    public let head: [UInt8]
    /// The second frame, if there is one.
    public let payload: ReceivedFrame?
    /// Frames of the message, including those beyond two, which were dropped unread.
    public let frames: Int
    /// Bytes of all frames.
    public let byteCount: Int

    /// More of a first frame than this is never looked at.
    public static let headLimit = 1024
}
