internal import FlyingSocks
internal import Foundation

/// The address of a live view: one of this machine, and a port.
public struct ServeAddress: Equatable, Sendable {
    /// An IPv4 or IPv6 address.
    public let host: String
    /// A port, or 0 for one that the system chooses.
    public let port: UInt16

    /// An address.
    ///
    /// - Parameters:
    ///   - host: an IPv4 or IPv6 address, or `localhost`.
    ///   - port: 0 to 65535.
    /// - Throws: ``MonitorError`` when it is none.
    public init(host: String = "127.0.0.1", port: Int = 0) throws(MonitorError) {
        let host = host == "localhost" ? "127.0.0.1" : host
        guard let port = UInt16(exactly: port) else {
            throw MonitorError("--port: found \(port), allowed: 0 to 65535, where 0 lets the system choose")
        }
        self.host = host
        self.port = port
        guard socketAddress(port: port) != nil else {
            throw MonitorError(
                "--serve-host: found '\(host)', allowed: an IPv4 or IPv6 address of this machine, 0.0.0.0 or :: for all, or "
                    + "localhost"
            )
        }
    }

    /// True where only this machine can reach it.
    public var isLoopback: Bool { host == "::1" || (host.hasPrefix("127.") && !host.contains(":")) }

    /// The address as it stands in a URL.
    func authority(port: UInt16, name: String) -> String {
        let shown = host == "0.0.0.0" || host == "::" ? name : host
        return shown.contains(":") ? "[\(shown)]:\(port)" : "\(shown):\(port)"
    }

    /// What the system calls it.
    func socketAddress(port: UInt16) -> (any SocketAddress)? {
        host.contains(":")
            ? try? sockaddr_in6.inet6(ip6: host, port: port) : try? sockaddr_in.inet(ip4: host, port: port)
    }
}
