internal import Foundation

/// One connection to a port of this machine, byte by byte: nothing of it is made up or hidden by a library.
public final class RawClient {
    /// What an answer was.
    public struct Answer: Sendable {
        /// Its code.
        public let status: Int
        /// Its headers, by their names in small letters.
        public let headers: [String: String]
        /// What came after them.
        public let body: String
    }

    /// Why there is no answer.
    public struct Trouble: Error {
        /// What went wrong.
        public let words: String
    }

    private let socket: Int32

    /// Connects to a port of the loopback address.
    public init(port: UInt16) throws {
        socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: 120, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw Trouble(words: "no connection: errno \(errno)") }
    }

    deinit {
        close(socket)
    }

    /// Sends a text as it is.
    public func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe Foundation.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Everything until the server closes the connection, or nothing new comes for two minutes.
    public func readToEnd() -> String {
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe recv(socket, &buffer, buffer.count, 0)
            guard count > 0 else { return String(decoding: text, as: UTF8.self) }
            text += buffer[..<count]
        }
    }

    /// Whether the server has closed the connection, or does within `milliseconds`.
    public func isClosed(within milliseconds: Int32) -> Bool {
        var poll = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        var byte: UInt8 = 0
        return unsafe Foundation.poll(&poll, 1, milliseconds) > 0 && (unsafe recv(socket, &byte, 1, 0)) <= 0
    }

    /// One request on a connection of its own.
    public static func request(
        _ path: String,
        port: UInt16,
        method: String = "GET",
        headers: [String] = ["Host: 127.0.0.1"]
    ) throws -> Answer {
        let client = try RawClient(port: port)
        let lines = ["\(method) \(path) HTTP/1.1"] + headers + ["Connection: close", "", ""]
        client.send(lines.joined(separator: "\r\n"))
        let text = client.readToEnd()
        guard let end = text.range(of: "\r\n\r\n") else { throw Trouble(words: "no answer: \(text)") }
        let head = text[..<end.lowerBound].components(separatedBy: "\r\n")
        guard let status = head[0].split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw Trouble(words: "no status: \(head[0])")
        }
        let pairs = head.dropFirst().map { line in
            let colon = line.firstIndex(of: ":") ?? line.endIndex
            return (line[..<colon].lowercased(), line[colon...].dropFirst().trimmingCharacters(in: .whitespaces))
        }
        let fields = Dictionary(pairs) { $1 }
        return Answer(status: status, headers: fields, body: String(text[end.upperBound...]))
    }
}
