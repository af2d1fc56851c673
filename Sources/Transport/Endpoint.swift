/// Where a coordinator listens: `ipc://@name` (this machine, no file), `ipc:///path`, or `tcp://host:port`.
public struct Endpoint: Equatable, Sendable, CustomStringConvertible {
    /// The address as libzmq takes it.
    public let description: String

    /// Checks the form of an address.
    public init(_ text: String) throws(TransportError) {
        let allowed = "allowed: ipc://@NAME, ipc:///PATH, tcp://HOST:PORT"
        if text.hasPrefix("ipc://") {
            let name = text.dropFirst("ipc://".count)
            // sockaddr_un holds 108 bytes, one of which ends a path or begins an abstract name.
            guard name.utf8.count > 1, name.utf8.count < 107, name.hasPrefix("@") || name.hasPrefix("/") else {
                throw TransportError("endpoint \(text) is not an ipc address; \(allowed)")
            }
        } else if text.hasPrefix("tcp://") {
            let parts = text.dropFirst("tcp://".count).split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count >= 2, let port = parts.last, !parts.dropLast().joined().isEmpty,
                port == "*" || UInt16(port) != nil
            else { throw TransportError("endpoint \(text) is not a tcp address; \(allowed)") }
        } else {
            throw TransportError("endpoint \(text) has an unknown transport; \(allowed)")
        }
        description = text
    }

    /// An abstract ipc address that belongs to one run.
    public static func local(named name: String) throws(TransportError) -> Endpoint {
        try Endpoint("ipc://@epsim-\(name)")
    }

    /// The path of an ipc socket that is a file.
    var path: String? {
        description.hasPrefix("ipc:///") ? String(description.dropFirst("ipc://".count)) : nil
    }

    /// True when only processes of this machine can reach the address.
    public var isLocal: Bool {
        guard description.hasPrefix("tcp://"), let colon = description.lastIndex(of: ":") else { return true }
        let host = description[..<colon].dropFirst("tcp://".count)
        return host == "localhost" || host == "[::1]" || Self.isLoopback(host)
    }

    /// True for 127.0.0.0/8 in four numbers. A host name may begin with `127.` too.
    private static func isLoopback(_ host: Substring) -> Bool {
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return numbers.count == 4 && numbers.first == 127 && !numbers.contains(nil)
    }
}
