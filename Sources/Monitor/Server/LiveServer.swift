internal import Dispatch
internal import FlyingFox
internal import FlyingSocks
internal import Foundation
internal import Synchronization

/// A server of a run over HTTP, in tasks of its own: the thread that runs the steps never waits for it.
public final class LiveServer: Sendable {
    /// The largest number of connections that may wait at the same time, for a request or to be written to.
    static let mostConnections = 64
    /// The longest time that a connection may wait, for a request or to be written to.
    static let patience = Duration.seconds(30)

    /// The port that the server listens at.
    public let port: UInt16
    /// The address of the page, with the token if one is needed that the user does not know yet.
    public let url: String
    private let task: Task<Void, Never>

    /// Begin to serve.
    ///
    /// - Parameters:
    ///   - board: the live state that is served.
    ///   - address: the address to listen at.
    ///   - token: the token that requests must have, or nil for none, which is an error where other machines can reach
    ///     the server.
    ///   - showsToken: whether the URL contains the token.
    ///   - hostName: the name of this machine, for the URL of a server that listens at all of its addresses.
    ///   - page: the page that a browser is sent.
    ///   - startSeconds: the time that the server may take until it listens.
    /// - Throws: ``MonitorError`` when the server cannot listen at the address.
    public init(
        _ board: LiveBoard,
        at address: ServeAddress,
        token: AccessToken?,
        showsToken: Bool,
        hostName: String,
        page: LivePage,
        startSeconds: Double = 10
    ) throws(MonitorError) {
        guard token != nil || address.isLoopback else {
            throw MonitorError("other machines can reach \(address.host): that needs a token")
        }
        let rule = AccessRule(isLoopback: address.isLoopback, token: token)
        let routes = LiveRoutes(board, rule: rule, page: page)
        let start = ServerStart()
        let task = Task.detached { await Self.serve(routes, at: address, start) }
        do {
            port = try start.wait(seconds: startSeconds)
        } catch {
            task.cancel()
            throw Self.sentence(error, address)
        }
        self.task = task
        let query = showsToken ? token.map { "?token=\($0.secret)" } ?? "" : ""
        url = "http://\(address.authority(port: port, name: hostName))/\(query)"
    }

    /// Stop serving and close all connections.
    public func stop() {
        task.cancel()
    }

    deinit {
        task.cancel()
    }

    /// Listen until the task is cancelled. Should the system take the socket away (too many open files, say), listen
    /// again at the same port after a while.
    private static func serve(_ routes: LiveRoutes, at address: ServeAddress, _ start: ServerStart) async {
        var port = address.port
        while !Task.isCancelled, let socketAddress = address.socketAddress(port: port) {
            let pool = PatientPool(HTTPServer.defaultPool(), mostWaiting: mostConnections, patience: patience)
            // The logger is off: a log of requests would hold tokens.
            let server = HTTPServer(address: socketAddress, pool: pool, logger: .disabled, handler: routes)
            let listening = Task {
                while await server.listeningAddress == nil { try await Task.sleep(for: .milliseconds(5)) }
                guard let found = await server.listeningAddress?.port else { throw SocketError.unsupportedAddress }
                start.settle(.success(found))
            }
            do {
                try await server.run()
            } catch {
                listening.cancel()
                start.settle(.failure(error))
            }
            if let found = start.port { port = found } else { return }
            try? await Task.sleep(for: .milliseconds(200))
        }
    }

    private static func sentence(_ error: any Error, _ address: ServeAddress) -> MonitorError {
        let place = "\(address.host) port \(address.port)"
        switch error as? SocketError {
        case .failed(_, EADDRINUSE, _):
            return MonitorError("\(place) is taken: choose another with --port, or --port 0 for any that is free")
        case .failed(_, EACCES, _):
            return MonitorError("\(place) needs rights that you do not have: choose another with --port, 1024 or above")
        case .failed(_, EADDRNOTAVAIL, _):
            return MonitorError("\(address.host) is no address of this machine (--serve-host)")
        case .failed(_, _, let message):
            return MonitorError("\(place) cannot be listened at: \(message)")
        default:
            return MonitorError("\(place) cannot be listened at: \(error)")
        }
    }
}

extension Socket.Address {
    /// The port of an internet address; nil for a Unix socket.
    fileprivate var port: UInt16? {
        switch self {
        case .ip4(_, let port), .ip6(_, let port): port
        case .unix: nil
        }
    }
}

/// The outcome of the start of a server: set by its task, awaited by the thread that starts it.
final class ServerStart: Sendable {
    private let result = Mutex<Result<UInt16, any Error>?>(nil)
    private let settled = DispatchSemaphore(value: 0)

    /// The port that the server listens at, or nil before the start.
    var port: UInt16? { result.withLock { try? $0?.get() } }

    /// Set the outcome; only the first call counts.
    func settle(_ outcome: Result<UInt16, any Error>) {
        let isFirst = result.withLock { result in
            guard result == nil else { return false }
            result = outcome
            return true
        }
        if isFirst { settled.signal() }
    }

    /// Wait for the outcome.
    ///
    /// - Parameter seconds: the time to wait.
    ///
    /// - Returns: the port that the server listens at.
    func wait(seconds: Double) throws -> UInt16 {
        guard settled.wait(timeout: .now() + seconds) == .success, let outcome = result.withLock({ $0 }) else {
            throw SocketError.timeout(message: "nothing happened within \(seconds) s")
        }
        return try outcome.get()
    }
}

/// A socket pool that bounds the use by clients: the number of connections that wait at a time, and the time of each.
///
/// A connection that exceeds either bound is closed. The listening socket may wait for any time.
final class PatientPool: AsyncSocketPool {
    private let base: any AsyncSocketPool
    private let mostWaiting: Int
    private let patience: Duration
    private let waiting = Atomic<Int>(0)

    /// Create a pool.
    ///
    /// - Parameters:
    ///   - base: the pool that does the waiting.
    ///   - mostWaiting: the number of connections that may wait to be read or written.
    ///   - patience: the time that each may wait.
    init(_ base: any AsyncSocketPool, mostWaiting: Int, patience: Duration) {
        self.base = base
        self.mostWaiting = mostWaiting
        self.patience = patience
    }

    func prepare() async throws {
        try await base.prepare()
    }

    func run() async throws {
        try await base.run()
    }

    func suspendSocket(_ socket: Socket, untilReadyFor events: Socket.Events) async throws {
        let isListening = try socket.getValue(for: BoolSocketOption(name: SO_ACCEPTCONN))
        guard !isListening else { return try await base.suspendSocket(socket, untilReadyFor: events) }
        defer { waiting.subtract(1, ordering: .relaxed) }
        guard waiting.add(1, ordering: .relaxed).newValue <= mostWaiting else {
            throw SocketError.timeout(message: "more than \(mostWaiting) connections wait")
        }
        let (base, patience) = (base, patience)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await base.suspendSocket(socket, untilReadyFor: events) }
            group.addTask {
                try await Task.sleep(for: patience)
                throw SocketError.timeout(message: "waited for \(patience)")
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}

/// The address that a live view is served at: an address of this machine, and a port.
public struct ServeAddress: Equatable, Sendable {
    /// An IPv4 or IPv6 address.
    public let host: String
    /// A port, or 0 for one that the system chooses.
    public let port: UInt16

    /// Create an address.
    ///
    /// - Parameters:
    ///   - host: an IPv4 or IPv6 address, or `localhost`.
    ///   - port: 0 to 65535.
    /// - Throws: ``MonitorError`` when host or port is not allowed.
    public init(host: String = "127.0.0.1", port: Int = 0) throws(MonitorError) {
        let host = host == "localhost" ? "127.0.0.1" : host
        guard let port = UInt16(exactly: port) else {
            throw MonitorError("--port: found \(port), allowed: 0 to 65535, where 0 lets the system choose")
        }
        self.host = host
        self.port = port
        guard socketAddress(port: port) != nil else {
            throw MonitorError(
                "--serve-host: found '\(host)', allowed: an IPv4 or IPv6 address of this machine, 0.0.0.0 or :: for all, or "
                    + "localhost"
            )
        }
    }

    /// True where only this machine can reach the address.
    public var isLoopback: Bool { host == "::1" || (host.hasPrefix("127.") && !host.contains(":")) }

    /// The host and the port as they stand in a URL.
    ///
    /// - Parameter name: the name of this machine, in place of an address that stands for all of its addresses.
    func authority(port: UInt16, name: String) -> String {
        let shown = host == "0.0.0.0" || host == "::" ? name : host
        return shown.contains(":") ? "[\(shown)]:\(port)" : "\(shown):\(port)"
    }

    /// The address in the form of the system's socket functions.
    func socketAddress(port: UInt16) -> (any SocketAddress)? {
        host.contains(":")
            ? try? sockaddr_in6.inet6(ip6: host, port: port) : try? sockaddr_in.inet(ip4: host, port: port)
    }
}

/// The reason why a run cannot be watched, in one sentence.
public struct MonitorError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The reason in one sentence.
    public let description: String

    /// Create an error.
    init(_ description: String) {
        self.description = description
    }
}
