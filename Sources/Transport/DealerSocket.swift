public import Basics
internal import CZeroMQ

/// A worker's socket: one peer, the coordinator.
public final class DealerSocket {
    /// For polling.
    public let socket: Socket

    /// Begins to connect to `endpoint`; libzmq goes on trying.
    ///
    /// - Parameters:
    ///   - context: of this process.
    ///   - endpoint: where the coordinator listens, or will.
    ///   - keys: CURVE keys of the cluster, if its coordinator wants them.
    public init(context: MessageContext, endpoint: Endpoint, keys: CurveKeys?) throws(TransportError) {
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
        try socket.connect(endpoint)
    }

    /// The next message, or nil when none has arrived.
    public func receive() throws(TransportError) -> Parcel? {
        try socket.receiveParcel(routed: false)
    }

    /// Queues a message for the coordinator.
    public func send(head: [UInt8], payload: OutgoingFrame?) throws(TransportError) -> SendOutcome {
        try socket.sendParcel(to: nil, head: head, payload: payload)
    }
}
