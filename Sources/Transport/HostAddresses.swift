internal import Basics
internal import Foundation

extension Endpoint {
    /// The endpoints, with addresses in numbers, that an endpoint with a host name stands for, those of IPv4 first.
    ///
    /// An endpoint without a host name stands for itself, as does one whose name nobody knows: it may be that of a
    /// network interface, which libzmq knows, or of a machine that comes later.
    var resolved: [Endpoint] {
        guard let (host, port) = tcp, host != "*", !isIPv6 else { return [self] }
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_UNSPEC
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, nil, &hints, &list) == 0 else { return [self] }
        defer { unsafe freeaddrinfo(list) }
        var found: [(family: Int32, address: String)] = []
        var next = unsafe list
        while let entry = unsafe next?.pointee {
            if let address = unsafe Self.numbers(entry), !found.contains(where: { $0.address == address }) {
                unsafe found.append((entry.ai_family, address))
            }
            unsafe next = entry.ai_next
        }
        let ordered = found.filter { $0.family == AF_INET } + found.filter { $0.family == AF_INET6 }
        let endpoints = ordered.compactMap { family, address in
            try? Endpoint(family == AF_INET6 ? "tcp://[\(address)]:\(port)" : "tcp://\(address):\(port)")
        }
        return endpoints.isEmpty ? [self] : endpoints
    }

    private static func numbers(_ entry: addrinfo) -> String? {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let (size, flags) = (socklen_t(text.count), NI_NUMERICHOST)
        guard unsafe getnameinfo(entry.ai_addr, entry.ai_addrlen, &text, size, nil, 0, flags) == 0 else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
