public import Basics
internal import CZeroMQ
internal import Foundation

/// The coordinator's socket: many peers, each with a routing id.
public final class RouterSocket {
    /// The underlying ZeroMQ socket, for polling.
    public let socket: Socket
    /// The endpoint that the socket listens at, with the port filled in.
    public let endpoint: Endpoint

    /// Listen at `endpoint`.
    ///
    /// - Parameters:
    ///   - context: the libzmq context of this process.
    ///   - endpoint: the endpoint to listen at; `*` for a port takes a free one.
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

    /// Queue a message for a peer.
    public func send(
        to peer: [UInt8],
        head: [UInt8],
        payload: OutgoingFrame?
    ) throws(TransportError) -> SendOutcome {
        try socket.sendParcel(to: peer, head: head, payload: payload)
    }
}

/// A worker's socket: one peer, the coordinator.
public final class DealerSocket {
    /// The underlying ZeroMQ socket, for polling.
    public let socket: Socket

    /// Begin to connect to `endpoint`; libzmq goes on trying.
    ///
    /// - Parameters:
    ///   - context: the libzmq context of this process.
    ///   - endpoint: the endpoint at which the coordinator listens, or will.
    ///   - keys: CURVE keys of the cluster, if its coordinator wants them.
    ///   - attempt: the number of sockets that found nobody there before: each tries the next address of a host name.
    public init(
        context: MessageContext,
        endpoint: Endpoint,
        keys: CurveKeys?,
        attempt: Int = 0
    ) throws(TransportError) {
        socket = try Socket(context: context, type: ZMQ_DEALER)
        // A fresh routing id for each incarnation: a router keeps refusing an id that it still thinks connected.
        // libzmq makes one itself when none is set. Messages wait for a link that is up, never for one that may come.
        try socket.set(ZMQ_IMMEDIATE, Int32(1))
        try socket.set(ZMQ_RECONNECT_IVL, Int32(20))
        try socket.set(ZMQ_RECONNECT_IVL_MAX, Int32(500))
        if let keys {
            let own = try CurveKeys.generate()
            try socket.set(ZMQ_CURVE_SERVERKEY, Array(keys.publicKey.utf8) + [0])
            try socket.set(ZMQ_CURVE_PUBLICKEY, Array(own.publicKey.utf8) + [0])
            try socket.set(ZMQ_CURVE_SECRETKEY, Array(own.secretKey.utf8) + [0])
        }
        try socket.connect(endpoint, attempt: attempt)
    }

    /// The next message, or nil when none has arrived.
    public func receive() throws(TransportError) -> Parcel? {
        try socket.receiveParcel(routed: false)
    }

    /// Queue a message for the coordinator.
    public func send(head: [UInt8], payload: OutgoingFrame?) throws(TransportError) -> SendOutcome {
        try socket.sendParcel(to: nil, head: head, payload: payload)
    }
}
