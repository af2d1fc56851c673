import Cluster
import Configuration
import Foundation
import Logging
import Runtime

/// A whole run within this process: the coordinator and each worker on a thread of its own, real sockets in between.
enum InProcessRun {
    /// Runs to the end. `interrupt` ends the coordinator's part.
    static func run(
        _ configuration: RunPlan,
        options: SessionOptions = SessionOptions(),
        interrupt: Interrupt = Interrupt(),
        progress: @escaping @Sendable (SessionEvent) -> Void = { _ in }
    ) async throws -> SessionOutcome {
        try await onThread {
            let session = try Session(plan: configuration, options: options, interrupt: interrupt, log: silent)
            let endpoint = try freshEndpoint()
            let listener = try session.listen(endpoint, keys: nil)
            for rank in 0..<configuration.cluster.workers {
                let worker = WorkerOptions(endpoint: endpoint, keys: nil, rank: rank, stays: false, parent: nil)
                Thread.detachNewThread {
                    do {
                        try WorkerShell(options: worker, interrupt: Interrupt(), log: silent).run()
                    } catch {
                        FileHandle.standardError.write(Data("worker \(rank) of a test: \(error)\n".utf8))
                    }
                }
            }
            return session.run(listener, workers: nil, progress: progress)
        }
    }

    /// A logger that nobody hears.
    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs `body` on a thread of its own, so that it may block; waits until few others do.
    static func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        await turns.take()
        let result = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: Result(catching: body)) }
        }
        await turns.giveBack()
        return try result.get()
    }

    /// A run has dozens of files open, and all at once had 2,856. Foundation's `Process` has crashed there, it seems in
    /// reading /proc/self/fd by whole directory entries, past the end of a buffer that some 1,300 of them fill.
    private static let turns = Turns(8)
}

/// Lets a few go on at a time, in the order in which they came.
private actor Turns {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ free: Int) { self.free = free }

    func take() async {
        guard free == 0 else { return free -= 1 }
        await withCheckedContinuation { waiting.append($0) }
    }

    func giveBack() {
        guard waiting.isEmpty else { return waiting.removeFirst().resume() }
        free += 1
    }
}
