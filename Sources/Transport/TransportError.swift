internal import CZeroMQ

/// A refusal of libzmq or the system to do something with a socket.
public struct TransportError: Error, Equatable, CustomStringConvertible {
    /// One sentence: the endpoint or file, what happened, what to do.
    public let description: String
    /// True when the endpoint belongs to another process already.
    public let isEndpointTaken: Bool

    /// An error with its sentence.
    public init(_ description: String, isEndpointTaken: Bool = false) {
        self.description = description
        self.isEndpointTaken = isEndpointTaken
    }

    /// The last libzmq error of this thread as `call: reason`.
    static func last(_ call: String) -> TransportError {
        TransportError("\(call): \(reason(zmq_errno()))")
    }

    static func reason(_ code: Int32) -> String {
        guard let text = unsafe zmq_strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }
}
