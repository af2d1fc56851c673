/// What a ZeroMQ endpoint looks like: `ipc://PATH`, `ipc://@NAME` (abstract, no file) or `tcp://HOST:PORT`.
enum EndpointSyntax {
    /// The allowed endpoints in words.
    static let allowed =
        "ipc://PATH or ipc://@NAME of at most \(longestPath) bytes, "
        + "or tcp://HOST:PORT (a host name, address, [IPv6 address] or *; a port from 1 to 65535, or * for a free one)"

    /// A Unix socket address holds 108 bytes with the closing zero.
    private static let longestPath = 107

    /// True for an endpoint that ZeroMQ can parse.
    static func isValid(_ endpoint: String) -> Bool {
        if endpoint.hasPrefix("ipc://") {
            return isSocketPath(endpoint.dropFirst("ipc://".count))
        }
        guard endpoint.hasPrefix("tcp://") else { return false }
        let address = endpoint.dropFirst("tcp://".count)
        guard let colon = address.lastIndex(of: ":") else { return false }
        return isHost(address[..<colon]) && isPort(address[address.index(after: colon)...])
    }

    private static func isSocketPath(_ path: Substring) -> Bool {
        let isPrintable = path.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
        return isPrintable && (1...longestPath).contains(path.utf8.count) && path != "@"
    }

    private static func isHost(_ host: Substring) -> Bool {
        if host == "*" {
            return true
        }
        if host.hasPrefix("[") && host.hasSuffix("]") {
            return host.count > 2
                && host.dropFirst().dropLast().utf8.allSatisfy { isHexadecimal($0) || ":.".utf8.contains($0) }
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

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        byte < 0x80 && Character(Unicode.Scalar(byte)).isHexDigit
    }
}
