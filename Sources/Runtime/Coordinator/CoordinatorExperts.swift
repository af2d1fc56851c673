internal import Cluster
internal import Foundation
internal import Synchronization
internal import Tensors
internal import Transport

/// The common experts on a thread of the coordinator, which computes them while the ranks compute the routed ones.
///
/// Outcomes come in the order of their jobs: ``begin(_:)``, then ``take()`` until there is one. There are at most as
/// many jobs as micro-batches.
final class CoordinatorExperts: Sendable {
    /// A job of the thread: the rows of one layer, and the visits of its tokens to the common experts.
    struct Job: Sendable {
        let layer: Int
        let input: LayerInput
        let visits: [CommonVisits]
    }

    /// The outputs of one job, and the interval in which they were computed.
    struct Outcome: Sendable {
        /// Unweighted outputs, `[tokens, hidden]`, one per expert.
        let outputs: [Matrix]
        /// The interval in which the job was computed, on the coordinator's clock.
        let busy: Range<Nanoseconds>
    }

    private enum Message: Sendable {
        case loaded
        case outcome(Outcome)
        case failed(String)
    }

    private let jobs = Mutex<[Job]>([])
    private let messages = Mutex<[Message]>([])
    private let jobArrived = DispatchSemaphore(value: 0)
    private let messageArrived: Wakeup

    /// Start the thread and begin to load the weights.
    ///
    /// - Parameter messageArrived: signalled whenever there is an outcome, or an end of loading, to take.
    init(_ weights: Assignment.Weights, messageArrived: Wakeup) {
        self.messageArrived = messageArrived
        Thread.detachNewThread { [self] in work(weights) }
    }

    /// True once the weights are loaded.
    func isLoaded() throws(RuntimeError) -> Bool { try receive() != nil }

    /// End the thread and free the weights, once no job is under way.
    func end() {
        jobArrived.signal()
    }

    /// Queue a job behind all earlier ones.
    func begin(_ next: Job) {
        jobs.withLock { $0.append(next) }
        jobArrived.signal()
    }

    /// The outcome of the oldest job, or nil when it is not done.
    func take() throws(RuntimeError) -> Outcome? {
        guard case .outcome(let outcome)? = try receive() else { return nil }
        return outcome
    }

    private func receive() throws(RuntimeError) -> Message? {
        let received = messages.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        if case .failed(let reason)? = received { throw .local(reason) }
        return received
    }

    private func send(_ next: Message) {
        messages.withLock { $0.append(next) }
        messageArrived.signal()
    }

    private func work(_ weights: Assignment.Weights) {
        do {
            try ShardMemory(weights).check(available: Host.availableMemory)
            let shard = try ExpertShard(weights)
            send(.loaded)
            while true {
                jobArrived.wait()
                // Woken without a job: the run is over.
                guard let next = jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else { return }
                send(.outcome(try compute(next, shard)))
            }
        } catch {
            send(.failed("the coordinator's own experts: \(error)"))
        }
    }

    private func compute(_ job: Job, _ shard: ExpertShard) throws -> Outcome {
        let started = MonotonicClock.now()
        let outputs = try job.visits.enumerated().map { slot, visits in
            try shard.outputs(
                layer: job.layer,
                slot: slot,
                rows: job.input.rows,
                from: visits.firstRow,
                count: job.input.tokens.rows
            )
        }
        return Outcome(outputs: outputs, busy: started..<MonotonicClock.now())
    }
}
