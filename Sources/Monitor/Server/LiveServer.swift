internal import Dispatch
internal import FlyingFox
internal import FlyingSocks
internal import Foundation
internal import Synchronization

/// Serves a run over HTTP while it lasts, in tasks of its own: the thread that runs the steps never waits for it.
public final class LiveServer: Sendable {
    /// Connections that may wait for a request, or to be written to, at a time.
    static let mostConnections = 64
    /// How long each of them may.
    static let patience = Duration.seconds(30)

    /// The port that it listens at.
    public let port: UInt16
    /// Where to look, with the token if one is needed that the user does not know yet.
    public let url: String
    private let task: Task<Void, Never>

    /// Begin to serve.
    ///
    /// - Parameters:
    ///   - board: what is looked at.
    ///   - address: where to listen.
    ///   - token: what must be shown; nil for none, which is refused where other machines can reach the server.
    ///   - showsToken: whether the URL has the token in it.
    ///   - hostName: name of this machine, for the URL of a server that listens at all of its addresses.
    ///   - page: what a browser is shown.
    ///   - startSeconds: how long it may take until the server listens.
    /// - Throws: ``MonitorError`` when it cannot listen there.
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

    /// Stop to serve: connections are closed.
    public func stop() {
        task.cancel()
    }

    deinit {
        task.cancel()
    }

    /// Listen until it is cancelled. Should the system take the socket away (too many open files, say), it listens
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
    /// The port of an internet address.
    fileprivate var port: UInt16? {
        switch self {
        case .ip4(_, let port), .ip6(_, let port): port
        case .unix: nil
        }
    }
}

/// How the start of a server went: told by its task, waited for by the thread that wants it.
final class ServerStart: Sendable {
    private let result = Mutex<Result<UInt16, any Error>?>(nil)
    private let settled = DispatchSemaphore(value: 0)

    /// The port that it listened at, once it has.
    var port: UInt16? { result.withLock { try? $0?.get() } }

    /// Say how it went; only the first word counts.
    func settle(_ outcome: Result<UInt16, any Error>) {
        let isFirst = result.withLock { result in
            guard result == nil else { return false }
            result = outcome
            return true
        }
        if isFirst { settled.signal() }
    }

    /// Wait for the first word.
    ///
    /// - Returns: the port.
    func wait(seconds: Double) throws -> UInt16 {
        guard settled.wait(timeout: .now() + seconds) == .success, let outcome = result.withLock({ $0 }) else {
            throw SocketError.timeout(message: "nothing happened within \(seconds) s")
        }
        return try outcome.get()
    }
}

/// A socket pool that bounds what clients can hold: how many connections wait at a time, and for how long each.
///
/// A connection that waits beyond either is closed. The listening socket waits as long as it takes.
final class PatientPool: AsyncSocketPool {
    private let base: any AsyncSocketPool
    private let mostWaiting: Int
    private let patience: Duration
    private let waiting = Atomic<Int>(0)

    /// - Parameters:
    ///   - base: what does the waiting.
    ///   - mostWaiting: connections that may wait to be read or written.
    ///   - patience: how long each may.
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

/// The address of a live view: one of this machine, and a port.
public struct ServeAddress: Equatable, Sendable {
    /// An IPv4 or IPv6 address.
    public let host: String
    /// A port, or 0 for one that the system chooses.
    public let port: UInt16

    /// An address.
    ///
    /// - Parameters:
    ///   - host: an IPv4 or IPv6 address, or `localhost`.
    ///   - port: 0 to 65535.
    /// - Throws: ``MonitorError`` when it is none.
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

    /// True where only this machine can reach it.
    public var isLoopback: Bool { host == "::1" || (host.hasPrefix("127.") && !host.contains(":")) }

    /// The address as it stands in a URL.
    func authority(port: UInt16, name: String) -> String {
        let shown = host == "0.0.0.0" || host == "::" ? name : host
        return shown.contains(":") ? "[\(shown)]:\(port)" : "\(shown):\(port)"
    }

    /// What the system calls it.
    func socketAddress(port: UInt16) -> (any SocketAddress)? {
        host.contains(":")
            ? try? sockaddr_in6.inet6(ip6: host, port: port) : try? sockaddr_in.inet(ip4: host, port: port)
    }
}

/// The reason for which a run cannot be watched, in one sentence.
public struct MonitorError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The sentence.
    public let description: String

    /// An error.
    init(_ description: String) {
        self.description = description
    }
}
