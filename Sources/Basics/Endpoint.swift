internal import Glibc

/// The address of a coordinator: `ipc://@NAME` (this machine, no file), `ipc:///PATH`, or `tcp://HOST:PORT`.
public struct Endpoint: Equatable, Sendable, CustomStringConvertible {
    /// The allowed forms of an address to listen at, in words.
    public static let allowed =
        "\(common) (a host name, address, [IPv6 address] or *; a port from 1 to 65535, or * for a free one)"
    /// The allowed forms of an address to connect to, in words.
    static let allowedToConnect = "\(common) (a host name, address or [IPv6 address]; a port from 1 to 65535)"
    private static let common = "ipc://@NAME or ipc:///PATH of at most \(longestName) bytes, or tcp://HOST:PORT"

    /// The longest name of a socket, in bytes: a Unix socket address holds 108, one of which ends a path or begins an
    /// abstract name.
    static let longestName = 106

    /// The address as ZeroMQ takes it.
    public let description: String

    /// Parse an address.
    ///
    /// - Throws: ``EndpointError`` where it has none of the allowed forms.
    public init(_ text: String) throws(EndpointError) {
        guard Self.isValid(text) else { throw EndpointError("\"\(text)\" is no endpoint; allowed: \(Self.allowed)") }
        description = text
    }

    /// Parse an address that one can connect to: one of a single host and port, without `*`.
    ///
    /// - Throws: ``EndpointError`` where it has none of the allowed forms.
    public init(toConnect text: String) throws(EndpointError) {
        guard let endpoint = try? Endpoint(text), endpoint.tcp.map({ $0.host != "*" && $0.port != "*" }) ?? true else {
            throw EndpointError("\"\(text)\" is no endpoint to connect to; allowed: \(Self.allowedToConnect)")
        }
        self = endpoint
    }

    /// The path of an ipc socket that is a file; nil for other endpoints.
    public var path: String? {
        description.hasPrefix("ipc:///") ? String(description.dropFirst("ipc://".count)) : nil
    }

    /// True for a `tcp` address.
    public var isTCP: Bool { description.hasPrefix("tcp://") }

    /// The host and the port of a `tcp` address, as they were given; nil for other endpoints.
    public var tcp: (host: String, port: String)? {
        guard isTCP, let colon = description.lastIndex(of: ":") else { return nil }
        let host = description[..<colon].dropFirst("tcp://".count)
        return (String(host), String(description[description.index(after: colon)...]))
    }

    /// True for a `tcp` address whose host is an IPv6 address in numbers.
    public var isIPv6: Bool { description.hasPrefix("tcp://[") }

    /// True when only processes of this machine can reach the address.
    public var isLocal: Bool {
        guard let host = tcp?.host else { return true }
        guard isIPv6 else { return host == "localhost" || Self.isLoopback(host[...]) }
        guard let bytes = Self.ipv6(host.dropFirst().dropLast()) else { return false }
        // ::1, and 127.0.0.0/8 as IPv6 writes IPv4 addresses.
        return bytes == [UInt8](repeating: 0, count: 15) + [1]
            || bytes.starts(with: [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF, 127])
    }

    /// The bytes of an IPv6 address, without its zone; nil for another text.
    private static func ipv6(_ text: Substring) -> [UInt8]? {
        let address = text.prefix { $0 != "%" }
        var bytes = in6_addr()
        guard unsafe inet_pton(AF_INET6, String(address), &bytes) == 1 else { return nil }
        return unsafe withUnsafeBytes(of: bytes) { unsafe Array($0) }
    }

    /// True for an address of 127.0.0.0/8 in four numbers; a host name may begin with `127.` too.
    private static func isLoopback(_ host: Substring) -> Bool {
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return numbers.count == 4 && numbers.first == 127 && !numbers.contains(nil)
    }
}

/// The reason why a text is no endpoint.
public struct EndpointError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The reason in one sentence: the text that was found and the allowed forms.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension ValueRule where Value == String {
    /// The rule of a ZeroMQ endpoint.
    public static var endpoint: ValueRule {
        ValueRule(
            allowed: Endpoint.allowed,
            form: .text,
            value: { (try? Endpoint($0))?.description },
            text: { $0 }
        )
    }
}

extension Endpoint {
    /// True for an endpoint that ZeroMQ can parse and that does not depend on the working directory.
    static func isValid(_ text: String) -> Bool {
        if text.hasPrefix("ipc://") { return isSocketName(text.dropFirst("ipc://".count)) }
        guard text.hasPrefix("tcp://") else { return false }
        let address = text.dropFirst("tcp://".count)
        guard let colon = address.lastIndex(of: ":") else { return false }
        return isHost(address[..<colon]) && isPort(address[address.index(after: colon)...])
    }

    private static func isSocketName(_ name: Substring) -> Bool {
        let isPrintable = name.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
        return isPrintable && (2...longestName).contains(name.utf8.count)
            && (name.hasPrefix("@") || name.hasPrefix("/"))
    }

    private static func isHost(_ host: Substring) -> Bool {
        if host == "*" { return true }
        if host.hasPrefix("[") && host.hasSuffix("]") {
            let address = host.dropFirst().dropLast()
            guard ipv6(address) != nil else { return false }
            guard let zone = address.firstIndex(of: "%").map({ address[$0...].dropFirst() }) else { return true }
            return !zone.isEmpty && zone.utf8.allSatisfy { isAlphanumeric($0) || "-._".utf8.contains($0) }
        }
        return !host.isEmpty && host.utf8.allSatisfy { isAlphanumeric($0) || "-._".utf8.contains($0) }
    }

    private static func isPort(_ port: Substring) -> Bool {
        port == "*" || UInt16(port).map { $0 > 0 && String($0) == port } ?? false
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        let character = Character(Unicode.Scalar(byte))
        return byte < 0x80 && (character.isLetter || character.isNumber)
    }
}
