internal import Foundation
internal import Synchronization
internal import Transport

/// The jobs of a thread of a worker and their outcomes, so that the thread that owns the socket can always answer.
///
/// Jobs come in through ``submit(_:)`` and outcomes go out through ``takeOutcomes()``. Whoever submits bounds both.
final class JobQueue<Job: Sendable, Outcome: Sendable>: Sendable {
    private struct Queues {
        var jobs: [Job] = []
        var outcomes: [Outcome] = []
    }

    private let queues = Mutex(Queues())
    private let jobArrived = DispatchSemaphore(value: 0)
    private let outcomeReady: Wakeup

    /// Empty queues.
    ///
    /// - Parameter outcomeReady: signalled whenever there is an outcome to take.
    init(outcomeReady: Wakeup) { self.outcomeReady = outcomeReady }

    func submit(_ job: Job) {
        queues.withLock { $0.jobs.append(job) }
        jobArrived.signal()
    }

    func takeOutcomes() -> [Outcome] {
        queues.withLock { queues in
            defer { queues.outcomes = [] }
            return queues.outcomes
        }
    }

    /// Do the jobs one after the other, for ever.
    ///
    /// - Parameter work: the outcome of a job, or nil for none.
    func serve(_ work: (Job) -> Outcome?) -> Never {
        while true {
            jobArrived.wait()
            guard let job = queues.withLock({ $0.jobs.isEmpty ? nil : $0.jobs.removeFirst() }), let outcome = work(job)
            else { continue }
            queues.withLock { $0.outcomes.append(outcome) }
            outcomeReady.signal()
        }
    }
}
