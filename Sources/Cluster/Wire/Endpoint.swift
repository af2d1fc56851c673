public import Basics

/// Where a coordinator listens: `ipc://@NAME` (this machine, no file), `ipc:///PATH`, or `tcp://HOST:PORT`.
public struct Endpoint: Equatable, Sendable, CustomStringConvertible {
    /// The allowed forms in words.
    public static let allowed =
        "ipc://@NAME or ipc:///PATH of at most \(longestName) bytes, or tcp://HOST:PORT "
        + "(a host name, address, [IPv6 address] or *; a port from 1 to 65535, or * for a free one)"

    /// A Unix socket address holds 108 bytes, one of which ends a path or begins an abstract name.
    static let longestName = 106

    /// The address as ZeroMQ takes it.
    public let description: String

    /// Checks the form of an address.
    public init(_ text: String) throws(WireError) {
        guard Self.isValid(text) else { throw WireError("\"\(text)\" is no endpoint; allowed: \(Self.allowed)") }
        description = text
    }

    /// The path of an ipc socket that is a file.
    public var path: String? {
        description.hasPrefix("ipc:///") ? String(description.dropFirst("ipc://".count)) : nil
    }

    /// True for `tcp`.
    public var isTCP: Bool { description.hasPrefix("tcp://") }

    /// True when only processes of this machine can reach the address.
    public var isLocal: Bool {
        guard isTCP, let colon = description.lastIndex(of: ":") else { return true }
        let host = description[..<colon].dropFirst("tcp://".count)
        return host == "localhost" || host == "[::1]" || Self.isLoopback(host)
    }

    /// True for 127.0.0.0/8 in four numbers. A host name may begin with `127.` too.
    private static func isLoopback(_ host: Substring) -> Bool {
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return numbers.count == 4 && numbers.first == 127 && !numbers.contains(nil)
    }
}

extension ValueRule where Value == String {
    /// A ZeroMQ endpoint.
    public static var endpoint: ValueRule {
        ValueRule(
            allowed: Endpoint.allowed,
            form: .text,
            value: { (try? Endpoint($0))?.description },
            text: { $0 }
        )
    }
}
