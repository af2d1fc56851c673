internal import CZeroMQ

/// One received frame, where libzmq put it. Its bytes are usually not aligned.
///
/// `zmq_msg_t` must not move, since small payloads live inside it; so it has a place of its own on the heap.
@safe
public final class ReceivedFrame: @unchecked Sendable {
    let message: UnsafeMutablePointer<zmq_msg_t>

    init() {
        unsafe message = .allocate(capacity: 1)
        unsafe message.initialize(to: zmq_msg_t())
        unsafe zmq_msg_init(message)
    }

    deinit {
        unsafe zmq_msg_close(message)
        unsafe message.deallocate()
    }

    /// Size in bytes.
    public var byteCount: Int { unsafe zmq_msg_size(message) }

    /// Lends the bytes.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(UnsafeRawBufferPointer(start: zmq_msg_data(message), count: byteCount))
    }

    /// A copy of the first `limit` bytes.
    public func prefix(_ limit: Int) -> [UInt8] {
        unsafe withUnsafeBytes { unsafe Array($0.prefix(limit)) }
    }

    var hasMore: Bool { unsafe zmq_msg_more(message) != 0 }
}
