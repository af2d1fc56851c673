import Basics
internal import Foundation

/// The token that a viewer of a run must present.
///
/// The token never appears in ``description``, so that no log can hold it.
public struct AccessToken: Sendable, CustomStringConvertible {
    /// The allowed number of characters of a token.
    public static let lengths = 16...256

    private let bytes: [UInt8]

    /// Make a token of 128 random bits, as 32 hexadecimal digits.
    public static func random() -> AccessToken {
        AccessToken(Array(Hexadecimal.random(digits: 32).utf8))
    }

    /// Read the token of a file, without the white space around it.
    ///
    /// - Throws: ``MonitorError`` when the file cannot be read or holds no token.
    public init(file: String) throws(MonitorError) {
        guard let data = FileManager.default.contents(atPath: file), data.count <= 4096 else {
            throw MonitorError("--serve-token-file: \(file) cannot be read, or is longer than 4096 bytes")
        }
        let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard Self.lengths.contains(text.utf8.count), text.utf8.allSatisfy(Self.isAllowed) else {
            throw MonitorError(
                "--serve-token-file: \(file) holds \(text.utf8.count) bytes, allowed: one token of "
                    + "\(Self.lengths.lowerBound) to \(Self.lengths.upperBound) characters, each a letter, a digit or one "
                    + "of - . _ ~"
            )
        }
        self.init(Array(text.utf8))
    }

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Whether a text is the token; the time does not depend on the characters that differ.
    func matches(_ text: String) -> Bool {
        let other = Array(text.utf8)
        guard other.count == bytes.count else { return false }
        return zip(bytes, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// The text of the token, for the one place that shows it: the address that is printed once.
    var secret: String { String(decoding: bytes, as: UTF8.self) }

    /// A placeholder without the token.
    public var description: String { "(token)" }

    /// Whether a character needs no escape in a URL (RFC 3986, unreserved).
    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}

/// The rule of access to a run, applied to a request before anything else.
public struct AccessRule: Sendable {
    /// The reason why a request is refused.
    public enum Refusal: Equatable, Sendable {
        /// The method could change a resource; the server has none to change.
        case method
        /// The Host header is a name that a page of another site may have given to this machine (DNS rebinding).
        case host
        /// The token is missing or wrong.
        case token
    }

    /// Whether only this machine can reach the server.
    let isLoopback: Bool
    /// The token that a request must have, or nil for none.
    let token: AccessToken?

    /// Create the rule of which requests to admit, from whether the server listens on loopback alone and from the token
    /// that requests must carry, if any.
    public init(isLoopback: Bool, token: AccessToken?) {
        self.isLoopback = isLoopback
        self.token = token
    }

    /// The reason why a request is refused, or nil where it is allowed.
    ///
    /// - Parameters:
    ///   - method: the method of the request, in capitals.
    ///   - host: the Host header.
    ///   - authorization: the Authorization header.
    ///   - query: the value of the query parameter `token`.
    public func refusal(method: String, host: String?, authorization: String?, query: String?) -> Refusal? {
        guard method == "GET" || method == "HEAD" else { return .method }
        if isLoopback, !Self.namesLoopback(host ?? "") { return .host }
        guard let token else { return nil }
        return [Self.bearer(authorization), query].contains { $0.map(token.matches) == true } ? nil : .token
    }

    private static func bearer(_ authorization: String?) -> String? {
        guard let words = authorization?.split(separator: " ", maxSplits: 1), words.count == 2,
            words[0].lowercased() == "bearer"
        else { return nil }
        return String(words[1])
    }

    /// Whether a Host header, with or without a port, names this machine by a loopback address or `localhost`.
    private static func namesLoopback(_ host: String) -> Bool {
        let parts = host.split(separator: ":", omittingEmptySubsequences: false)
        let hasPort = host.hasPrefix("[") ? !host.hasSuffix("]") : parts.count == 2
        if hasPort, parts.last.flatMap({ UInt16($0) }) == nil { return false }
        let name = hasPort ? parts.dropLast().joined(separator: ":") : host
        if name.lowercased() == "localhost" || name == "[::1]" { return true }
        let numbers = name.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return numbers.count == 4 && numbers[0] == 127 && !numbers.contains(nil)
    }
}
