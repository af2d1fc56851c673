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
