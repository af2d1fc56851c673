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
