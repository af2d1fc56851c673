internal import Foundation
internal import Synchronization

/// Threads that do the same at the same time, each with things of its own.
final class Team<Value: Sendable>: Sendable {
    private let results = Mutex<[Int: Result<Value, any Error>]>([:])
    private let done = DispatchSemaphore(value: 0)

    /// Calls `body` with 0..<count, each on a thread of its own, and returns what they gave, in that order.
    ///
    /// - Throws: the error of the first member that failed.
    static func run(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Value) throws -> [Value] {
        let team = Team()
        for member in 0..<count {
            Thread.detachNewThread {
                let result = Result { try body(member) }
                team.results.withLock { $0[member] = result }
                team.done.signal()
            }
        }
        for _ in 0..<count { team.done.wait() }
        return try team.results.withLock { results in
            try results.sorted { $0.key < $1.key }.map { try $0.value.get() }
        }
    }
}
