internal import Dispatch
internal import FlyingSocks
internal import Synchronization

/// How the start of a server went: told by its task, waited for by the thread that wants it.
final class ServerStart: Sendable {
    private let result = Mutex<Result<UInt16, any Error>?>(nil)
    private let settled = DispatchSemaphore(value: 0)

    /// The port that it listened at, once it has.
    var port: UInt16? { result.withLock { try? $0?.get() } }

    /// Says how it went; only the first word counts.
    func settle(_ outcome: Result<UInt16, any Error>) {
        let isFirst = result.withLock { result in
            guard result == nil else { return false }
            result = outcome
            return true
        }
        if isFirst { settled.signal() }
    }

    /// Waits for the first word.
    ///
    /// - Returns: the port.
    func wait(seconds: Double) throws -> UInt16 {
        guard settled.wait(timeout: .now() + seconds) == .success, let outcome = result.withLock({ $0 }) else {
            throw SocketError.timeout(message: "nothing happened within \(seconds) s")
        }
        return try outcome.get()
    }
}
