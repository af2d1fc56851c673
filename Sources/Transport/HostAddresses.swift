public import Basics
internal import Foundation
internal import Synchronization

extension Endpoint {
    /// The longest wait for the addresses of a host name, in seconds.
    private static let patience = 3.0

    /// The endpoints, with addresses in numbers, that an endpoint with a host name stands for, those of IPv4 first.
    ///
    /// An endpoint without a host name stands for itself, as does one whose name nobody knows in time: it may be that
    /// of a network interface, which libzmq knows, or of a machine that comes later.
    var resolved: [Endpoint] {
        guard let (host, port) = tcp, host != "*", !isIPv6 else { return [self] }
        let found = Self.lookUp(host)?.addresses ?? []
        let ordered = found.filter { !$0.contains(":") } + found.filter { $0.contains(":") }
        let endpoints = ordered.compactMap { address in
            try? Endpoint(address.contains(":") ? "tcp://[\(address)]:\(port)" : "tcp://\(address):\(port)")
        }
        return endpoints.isEmpty ? [self] : endpoints
    }

    /// What the system says of a host name that it has no address for; nil for any other endpoint, and where it says
    /// nothing in time.
    public var lookUpFailure: String? {
        guard let (host, _) = tcp, host != "*", !isIPv6 else { return nil }
        return Self.lookUp(host)?.failure
    }

    /// The answer for a host; nil where it does not come in time.
    private static func lookUp(_ host: String) -> Answer.Found? {
        let answer = Answer()
        // The system's look-up knows no deadline of its own.
        Thread.detachNewThread { answer.give(addresses(of: host)) }
        return answer.wait(seconds: patience)
    }

    /// The addresses of a host, each once, as the system orders them; where it knows no such host, what it says.
    private static func addresses(of host: String) -> Answer.Found {
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_UNSPEC
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else { return Answer.Found(failure: unsafe String(cString: gai_strerror(code))) }
        defer { unsafe freeaddrinfo(list) }
        var found: [String] = []
        var next = unsafe list
        while let entry = unsafe next?.pointee {
            if let address = unsafe numbers(entry), !found.contains(address) { found.append(address) }
            unsafe next = entry.ai_next
        }
        return Answer.Found(addresses: found)
    }

    private static func numbers(_ entry: addrinfo) -> String? {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let (size, flags) = (socklen_t(text.count), NI_NUMERICHOST)
        guard unsafe getnameinfo(entry.ai_addr, entry.ai_addrlen, &text, size, nil, 0, flags) == 0 else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// The answer of a look-up in another thread, which may come too late.
private final class Answer: Sendable {
    /// The addresses of a host, or what the system says instead.
    struct Found {
        var addresses: [String] = []
        var failure: String?
    }

    private let found = Mutex<Found?>(nil)
    private let isThere = DispatchSemaphore(value: 0)

    func give(_ found: Found) {
        self.found.withLock { $0 = found }
        isThere.signal()
    }

    func wait(seconds: Double) -> Found? {
        _ = isThere.wait(timeout: .now() + seconds)
        return found.withLock { $0 }
    }
}
