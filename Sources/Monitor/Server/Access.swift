import Basics
internal import Foundation

/// The token that a viewer of a run must show.
///
/// It never appears in a description, so that no log can hold it.
public struct AccessToken: Sendable, CustomStringConvertible {
    /// The fewest and the most characters of a token.
    public static let lengths = 16...256

    private let bytes: [UInt8]

    /// A token of 128 random bits, as 32 hexadecimal digits.
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

    /// Whether `text` is the token; takes as long whichever characters differ.
    func matches(_ text: String) -> Bool {
        let other = Array(text.utf8)
        guard other.count == bytes.count else { return false }
        return zip(bytes, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// The token for the one place that shows it: the address that is printed once.
    var secret: String { String(decoding: bytes, as: UTF8.self) }

    /// No token.
    public var description: String { "(token)" }

    /// Characters that need no escape in a URL (RFC 3986, unreserved).
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

/// The rule of who may look at a run, applied to a request before anything else.
public struct AccessRule: Sendable {
    /// Why a request is refused.
    public enum Refusal: Equatable, Sendable {
        /// A method that could change something; there is nothing to change.
        case method
        /// A name for this machine that a page elsewhere may have made up (DNS rebinding).
        case host
        /// No token, or a wrong one.
        case token
    }

    /// Whether only this machine can reach the server.
    let isLoopback: Bool
    /// What must be shown, if anything.
    let token: AccessToken?

    /// A rule.
    public init(isLoopback: Bool, token: AccessToken?) {
        self.isLoopback = isLoopback
        self.token = token
    }

    /// Why a request is refused, or nil where it is not.
    ///
    /// - Parameters:
    ///   - method: its method, in capitals.
    ///   - host: its Host header.
    ///   - authorization: its Authorization header.
    ///   - query: the value of its query parameter `token`.
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

    /// Whether a Host header, with or without a port, names this machine as only itself can.
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
