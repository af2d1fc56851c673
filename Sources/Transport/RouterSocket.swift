public import Basics
internal import CZeroMQ
internal import Foundation

/// The coordinator's socket: many peers, each with a routing id.
public final class RouterSocket {
    /// For polling.
    public let socket: Socket
    /// Where it listens, port filled in.
    public let endpoint: Endpoint

    /// Listens at `endpoint`.
    ///
    /// - Parameters:
    ///   - context: of this process.
    ///   - endpoint: where to listen; `*` for a port takes a free one.
    ///   - keys: CURVE keys; required beyond this machine, since an unauthenticated peer could fill the memory.
    ///   - messageLimit: bytes of the largest frame that a peer may send.
    public init(
        context: MessageContext,
        endpoint: Endpoint,
        keys: CurveKeys?,
        messageLimit: Int
    ) throws(TransportError) {
        guard endpoint.isLocal || keys != nil else {
            throw TransportError(
                "\(endpoint) can be reached from other machines and so needs keys: make a file with "
                    + "'epsim cluster key FILE' and give it to all (cluster.key_file)"
            )
        }
        socket = try Socket(context: context, type: ZMQ_ROUTER)
        // Without it a message for a peer that has gone would vanish without an error.
        try socket.set(ZMQ_ROUTER_MANDATORY, Int32(1))
        try socket.set(ZMQ_MAXMSGSIZE, Int64(messageLimit))
        if let keys {
            try socket.set(ZMQ_CURVE_SERVER, Int32(1))
            try socket.set(ZMQ_CURVE_SECRETKEY, Array(keys.secretKey.utf8) + [0])
        }
        try socket.bind(endpoint)
        self.endpoint = try socket.boundEndpoint()
    }

    deinit {
        // libzmq leaves the file of an ipc address behind.
        if let path = endpoint.path { _ = unsafe unlink(path) }
    }

    /// The next message, or nil when none has arrived.
    public func receive() throws(TransportError) -> Parcel? {
        try socket.receiveParcel(routed: true)
    }

    /// Queues a message for a peer.
    public func send(
        to peer: [UInt8],
        head: [UInt8],
        payload: OutgoingFrame?
    ) throws(TransportError) -> SendOutcome {
        try socket.sendParcel(to: peer, head: head, payload: payload)
    }
}
