internal import Basics
internal import CZeroMQ
internal import Foundation
public import Tensors

/// A ZeroMQ socket. It belongs to the thread that made it.
@safe
public final class Socket {
    let handle: UnsafeMutableRawPointer

    // The socket must be closed before its context ends.
    private let context: MessageContext

    init(context: MessageContext, type: Int32) throws(TransportError) {
        guard let socket = unsafe zmq_socket(context.handle, type) else { throw TransportError.last("socket") }
        unsafe handle = socket
        self.context = context
        try set(ZMQ_LINGER, Int32(0))
        // Flow control is credit; the high-water mark only has to stay out of its way.
        try set(ZMQ_SNDHWM, Int32(65_536))
        try set(ZMQ_RCVHWM, Int32(65_536))
    }

    deinit {
        unsafe zmq_close(handle)
    }

    /// Set the time that closing the socket may take to send what is queued, in milliseconds.
    public func setLinger(milliseconds: Int) throws(TransportError) {
        try set(ZMQ_LINGER, Int32(clamping: milliseconds))
    }

    func set(_ option: Int32, _ value: Int32) throws(TransportError) {
        var copy = value
        guard unsafe zmq_setsockopt(handle, option, &copy, MemoryLayout<Int32>.size) == 0 else {
            throw TransportError.last("setsockopt \(option)")
        }
    }

    func set(_ option: Int32, _ value: Int64) throws(TransportError) {
        var copy = value
        guard unsafe zmq_setsockopt(handle, option, &copy, MemoryLayout<Int64>.size) == 0 else {
            throw TransportError.last("setsockopt \(option)")
        }
    }

    func set(_ option: Int32, _ value: [UInt8]) throws(TransportError) {
        guard unsafe zmq_setsockopt(handle, option, value, value.count) == 0 else {
            throw TransportError.last("setsockopt \(option)")
        }
    }

    /// Listen at every address that an endpoint stands for; a free port is the same one at all of them.
    func bind(_ endpoint: Endpoint) throws(TransportError) {
        let endpoints = endpoint.resolved
        for (index, address) in endpoints.enumerated() {
            var address = address
            if index > 0, let host = address.tcp?.host, let port = try boundEndpoint().tcp?.port {
                address = try Self.endpoint("tcp://\(host):\(port)")
            }
            do throws(TransportError) {
                try bindOne(address, of: endpoint)
            } catch {
                // A name may have an address of a protocol that this machine does not speak.
                guard index > 0, error.isAddressMissing else { throw error }
            }
        }
    }

    private func bindOne(_ address: Endpoint, of endpoint: Endpoint) throws(TransportError) {
        try setProtocol(for: address)
        // libzmq would silently take an ipc path over from another process.
        if let path = endpoint.path, FileManager.default.fileExists(atPath: path) {
            throw TransportError("\(endpoint) is taken: the file exists; remove it if nothing listens there")
        }
        guard unsafe zmq_bind(handle, address.description) == 0 else {
            let code = zmq_errno()
            throw TransportError(
                "cannot listen at \(endpoint): \(TransportError.reason(code))\(Self.advice(code))",
                ofListening: code
            )
        }
    }

    private static func advice(_ code: Int32) -> String {
        switch code {
        case EADDRINUSE: "; choose another (cluster.endpoint) or stop what listens there"
        case ENODEV: "; give an IP address, a host name or an interface of this machine"
        default: ""
        }
    }

    /// Let libzmq take IPv6 addresses, and listen to both protocols where any address will do.
    private func setProtocol(for endpoint: Endpoint) throws(TransportError) {
        try set(ZMQ_IPV6, Int32(endpoint.isIPv6 || endpoint.tcp?.host == "*" ? 1 : 0))
    }

    /// Begin to connect to one of the addresses that an endpoint stands for.
    ///
    /// - Parameter attempt: the place of the address among them, modulo their number.
    func connect(_ endpoint: Endpoint, attempt: Int) throws(TransportError) {
        let endpoints = endpoint.resolved
        let endpoint = endpoints[attempt % endpoints.count]
        try setProtocol(for: endpoint)
        guard unsafe zmq_connect(handle, endpoint.description) == 0 else {
            throw TransportError.last("cannot connect to \(endpoint)")
        }
    }

    /// The endpoint that the socket is bound to, with the port filled in.
    func boundEndpoint() throws(TransportError) -> Endpoint {
        var bytes = [CChar](repeating: 0, count: 256)
        var size = bytes.count
        guard unsafe zmq_getsockopt(handle, ZMQ_LAST_ENDPOINT, &bytes, &size) == 0 else {
            throw TransportError.last("getsockopt LAST_ENDPOINT")
        }
        return try Self.endpoint(
            String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        )
    }

    private static func endpoint(_ text: String) throws(TransportError) -> Endpoint {
        do {
            return try Endpoint(text)
        } catch {
            throw TransportError("libzmq names the bound address \(text): \(error)")
        }
    }

    /// Queue one frame without waiting.
    func send(_ frame: OutgoingFrame, more: Bool) throws(TransportError) -> SendOutcome {
        let message = ReceivedFrame()
        try unsafe fill(message.message, with: frame)
        let flags = ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0)
        if unsafe zmq_msg_send(message.message, handle, flags) >= 0 { return .sent }
        switch zmq_errno() {
        case EHOSTUNREACH: return .unreachable
        case EAGAIN: return .full
        default: throw TransportError.last("send")
        }
    }

    /// The next frame, or nil when none has arrived.
    func receive() throws(TransportError) -> ReceivedFrame? {
        let frame = ReceivedFrame()
        if unsafe zmq_msg_recv(frame.message, handle, ZMQ_DONTWAIT) >= 0 { return frame }
        guard zmq_errno() == EAGAIN else { throw TransportError.last("receive") }
        return nil
    }

    private func fill(_ message: UnsafeMutablePointer<zmq_msg_t>, with frame: OutgoingFrame) throws(TransportError) {
        switch frame {
        case .buffer(let buffer) where buffer.byteCount >= OutgoingFrame.handOverBytes:
            try unsafe handOver(buffer, to: message)
        case .buffer(let buffer):
            unsafe try buffer.withUnsafeBytes { (bytes) throws(TransportError) in try unsafe copy(bytes, to: message) }
        case .bytes(let bytes):
            try unsafe bytes.span.bytes.withUnsafeBytes { (bytes) throws(TransportError) in
                try unsafe copy(bytes, to: message)
            }
        }
    }

    private func copy(
        _ bytes: UnsafeRawBufferPointer,
        to message: UnsafeMutablePointer<zmq_msg_t>
    ) throws(TransportError) {
        guard unsafe zmq_msg_init_size(message, bytes.count) == 0 else { throw TransportError.last("msg_init_size") }
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        unsafe zmq_msg_data(message).copyMemory(from: source, byteCount: bytes.count)
    }

    /// Let a message send a buffer without copying it: the message keeps the buffer alive until libzmq's thread has
    /// sent the last byte.
    private func handOver(
        _ buffer: AlignedBuffer,
        to message: UnsafeMutablePointer<zmq_msg_t>
    ) throws(TransportError) {
        let owner = unsafe Unmanaged.passRetained(buffer)
        let status = unsafe buffer.withUnsafeMutableBytes {
            unsafe zmq_msg_init_data(
                message,
                $0.baseAddress,
                $0.count,
                { _, hint in
                    if let hint = unsafe hint { unsafe Unmanaged<AlignedBuffer>.fromOpaque(hint).release() }
                },
                owner.toOpaque()
            )
        }
        guard status == 0 else {
            unsafe owner.release()
            throw TransportError.last("msg_init_data")
        }
    }
}

extension Socket {
    /// The next message, or nil when none has arrived.
    ///
    /// However many frames a peer sends, at most two are kept.
    func receiveParcel(routed: Bool) throws(TransportError) -> Parcel? {
        guard var frame = try receive() else { return nil }
        var sender: [UInt8] = []
        if routed {
            sender = frame.prefix(Parcel.headLimit)
            guard frame.hasMore, let next = try receive() else {
                return Parcel(sender: sender, head: [], payload: nil, frames: 0, byteCount: 0)
            }
            frame = next
        }
        let head = frame.prefix(Parcel.headLimit)
        var byteCount = frame.byteCount
        var frames = 1
        var payload: ReceivedFrame?
        while frame.hasMore, let next = try receive() {
            frame = next
            frames += 1
            byteCount += frame.byteCount
            if frames == 2 { payload = frame }
        }
        return Parcel(sender: sender, head: head, payload: payload, frames: frames, byteCount: byteCount)
    }

    /// Queue a message of an envelope and, if given, a payload; all of it or nothing.
    func sendParcel(to peer: [UInt8]?, head: [UInt8], payload: OutgoingFrame?) throws(TransportError) -> SendOutcome {
        if let peer {
            let outcome = try send(.bytes(peer), more: true)
            guard outcome == .sent else { return outcome }
        }
        let outcome = try send(.bytes(head), more: payload != nil)
        guard outcome == .sent, let payload else { return outcome }
        return try send(payload, more: false)
    }
}

/// The result of handing a message to libzmq. `sent` only means queued: libzmq promises nothing about arrival.
public enum SendOutcome: Equatable, Sendable {
    /// The message is queued.
    case sent
    /// No peer is connected under the routing id of the message.
    case unreachable
    /// The queue to the peer is full.
    case full
}

/// A received message: its frames after the routing id.
public struct Parcel: Sendable {
    /// The routing id of the sender; empty on a socket that has one peer.
    public let sender: [UInt8]
    /// The first frame, up to ``headLimit`` bytes of it.
    public let head: [UInt8]
    /// The second frame, if there is one.
    public let payload: ReceivedFrame?
    /// Frames of the message, including those beyond two, which were dropped unread.
    public let frames: Int
    /// Bytes of all frames.
    public let byteCount: Int

    /// The most bytes that are read of a first frame.
    public static let headLimit = 1024
}

/// libzmq's context: its I/O thread and all sockets of the process. A process that has one must not fork
/// without starting another program at once.
@safe
public final class MessageContext {
    let handle: UnsafeMutableRawPointer

    /// Open a context.
    public init() throws(TransportError) {
        guard let context = unsafe zmq_ctx_new() else { throw TransportError.last("ctx_new") }
        unsafe handle = context
    }

    /// Close the context, after all its sockets; the sockets' linger times limit the wait for unsent messages.
    deinit {
        unsafe zmq_ctx_term(handle)
    }
}

/// One frame to send.
public enum OutgoingFrame: Sendable {
    /// A few bytes, copied.
    case bytes([UInt8])
    /// A whole buffer, which must not be written to any more: large ones are sent without a copy.
    case buffer(AlignedBuffer)

    /// The size in bytes from which a buffer is handed over instead of copied, because that is faster (measured: 1.7 to
    /// 3.7 GB/s at 256 KiB, no gain at 64 KiB).
    static let handOverBytes = 256 << 10

    /// Size of the frame in bytes.
    public var byteCount: Int {
        switch self {
        case .bytes(let bytes): bytes.count
        case .buffer(let buffer): buffer.byteCount
        }
    }
}

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

    /// Size of the frame in bytes.
    public var byteCount: Int { unsafe zmq_msg_size(message) }

    /// Call `body` with the bytes of the frame, which are valid during the call.
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
