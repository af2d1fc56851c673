internal import Foundation
internal import FlyingSocks
internal import Synchronization

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
