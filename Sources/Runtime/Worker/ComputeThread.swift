internal import Cluster
internal import Foundation
internal import Tensors
internal import Transport

/// The thread of a worker that computes, so that the thread that owns the socket can always answer.
///
/// Jobs come in through ``submit(_:)`` and outcomes go out through ``takeOutcomes()``; the credit of the worker bounds
/// both queues.
final class ComputeThread: Sendable {
    private let queue: JobQueue<ComputeJob, ComputeOutcome>

    /// Start the thread.
    ///
    /// - Parameter outcomeReady: signalled whenever there is an outcome to take.
    init(outcomeReady: Wakeup) {
        queue = JobQueue(outcomeReady: outcomeReady)
        Thread.detachNewThread { [self] in work() }
    }

    func submit(_ job: ComputeJob) { queue.submit(job) }

    func takeOutcomes() -> [ComputeOutcome] { queue.takeOutcomes() }

    private func work() {
        var shard: ExpertShard?
        var computation: BatchComputation?
        var assignment: Assignment?
        var delays = OncePerLayer()
        queue.serve { job in
            switch job {
            case .adopt(let layer, let experts, let arrived):
                return adopt(layer, experts, arrived, into: shard).map { .failed($0) }
            case .load(let wanted):
                assignment = wanted
                delays = OncePerLayer()
                computation = nil  // It holds the shard.
                let outcome = load(wanted, into: &shard)
                computation = shard.map { BatchComputation(shard: $0) }
                return outcome
            case .compute(let envelope, let layout, let payload, let received):
                guard let computation, let assignment else { return .failed("tokens arrived before any experts") }
                let batch = BatchComputation.Batch(layer: Int(envelope.layer), layout: layout, payload: payload)
                let delay = assignment.delay.flatMap { delays.isFirst(envelope) ? $0 : nil }
                return compute(batch, envelope, by: computation, received: received, delay: delay)
            }
        }
    }

    private func load(_ assignment: Assignment, into shard: inout ExpertShard?) -> ComputeOutcome {
        do {
            let outputType = assignment.form.outputType(computeType: assignment.weights.dtype)
            let reused = shard.map { $0.holds(assignment.weights) && $0.outputType == outputType } ?? false
            if !reused {
                shard = nil  // Free the old weights before the new ones are made.
                try ShardMemory(assignment.weights).check(available: Host.availableMemory)
                shard = try ExpertShard(assignment.weights, outputType: outputType)
            }
            guard let shard else { return .failed("no experts were loaded") }
            return .loaded(Ready(weightBytes: shard.byteCount, kernels: shard.implementations, reused: reused))
        } catch {
            return .failed("cannot load its experts: \(error)")
        }
    }

    /// Let a layer of the shard have other experts; return why it cannot.
    private func adopt(
        _ layer: Int,
        _ experts: [Int],
        _ arrived: ArrivedExperts,
        into shard: ExpertShard?
    ) -> String? {
        do {
            guard let shard else { return "new experts arrived before any" }
            try shard.replace(layer: layer, experts: experts, arrived: arrived.packed)
            return nil
        } catch {
            return "cannot take over new experts: \(error)"
        }
    }

    private func compute(
        _ batch: BatchComputation.Batch,
        _ envelope: Envelope,
        by computation: BatchComputation,
        received: Nanoseconds,
        delay: PhaseDelay?
    ) -> ComputeOutcome {
        if let delay, delay.phase == .queue { MonotonicClock.sleep(delay.duration) }
        let started = MonotonicClock.now()
        do {
            let output = try computation.run(batch)
            if let delay, delay.phase == .compute { MonotonicClock.sleep(delay.duration) }
            let finished = MonotonicClock.now()
            let stamps = WorkerStamps(received: received, started: started, finished: finished, returned: finished)
            return .computed(envelope, batch.layout, output, stamps)
        } catch {
            return .failed("cannot compute layer \(batch.layer): \(error)")
        }
    }
}

/// A job for the compute thread of a worker.
enum ComputeJob: Sendable {
    /// Load the weights of an assignment.
    case load(Assignment)
    /// Let a layer have these experts from now on, of which some have arrived.
    case adopt(layer: Int, experts: [Int], ArrivedExperts)
    /// Compute a batch that arrived at `received`.
    case compute(Envelope, BatchLayout, ReceivedFrame, received: Nanoseconds)
}

/// The outcome of a job of the compute thread.
enum ComputeOutcome: Sendable {
    /// The weights are loaded and packed.
    case loaded(Ready)
    /// A batch is computed. The last of its stamps is set when the result is handed over.
    case computed(Envelope, BatchLayout, AlignedBuffer, WorkerStamps)
    /// The job failed, with the reason.
    case failed(String)
}
