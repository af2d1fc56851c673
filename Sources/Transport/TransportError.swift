internal import CZeroMQ
internal import Glibc

/// A refusal of libzmq or the system to do something with a socket.
public struct TransportError: Error, Equatable, CustomStringConvertible {
    /// One sentence: the endpoint or file, the event, and advice.
    public let description: String
    /// True when the endpoint belongs to another process already.
    public let isEndpointTaken: Bool

    /// True when this machine does not have the address, or does not speak its protocol.
    let isAddressMissing: Bool

    /// An error with its sentence.
    public init(_ description: String) {
        self.description = description
        (isEndpointTaken, isAddressMissing) = (false, false)
    }

    /// An error of listening, with the error number of libzmq.
    init(_ description: String, ofListening code: Int32) {
        self.description = description
        isEndpointTaken = code == EADDRINUSE
        isAddressMissing = code == EADDRNOTAVAIL || code == EAFNOSUPPORT
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

/// The libzmq library that this program was linked with.
public enum TransportLibrary {
    /// The version of libzmq, `major.minor.patch`.
    public static var version: String {
        var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
        unsafe zmq_version(&major, &minor, &patch)
        return "\(major).\(minor).\(patch)"
    }

    /// Whether libzmq was built with CURVE encryption.
    public static var hasCurve: Bool { unsafe zmq_has("curve") != 0 }
}
