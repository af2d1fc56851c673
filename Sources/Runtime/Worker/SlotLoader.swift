internal import Cluster
internal import Experts
internal import Foundation
internal import MoE
import Tensors
internal import Transport

/// The thread of a worker that loads arriving experts, while the old ones compute.
///
/// Jobs come in through ``submit(_:)`` and outcomes go out through ``takeOutcomes()``; the coordinator has one job a
/// layer under way, which bounds both queues.
final class SlotLoader: Sendable {
    /// A job: the new slots of a layer, and what the worker holds.
    struct Job: Sendable {
        let arrival: SlotArrival
        let weights: Assignment.Weights
        /// The run that the job belongs to.
        let epoch: UInt32
    }

    /// The outcome of a job.
    struct Outcome: Sendable {
        let answer: Prepared
        let experts: ArrivedExperts
        let epoch: UInt32
    }

    private let queue: JobQueue<Job, Outcome>

    /// Start the thread.
    ///
    /// - Parameter outcomeReady: signalled whenever there is an outcome to take.
    init(outcomeReady: Wakeup) {
        queue = JobQueue(outcomeReady: outcomeReady)
        Thread.detachNewThread { [self] in
            var packing: Packing?
            queue.serve { load($0, &packing) }
        }
    }

    func submit(_ job: Job) { queue.submit(job) }

    func takeOutcomes() -> [Outcome] { queue.takeOutcomes() }

    /// Kernels that pack, kept from job to job: making them takes longer than packing.
    private struct Packing {
        let weights: Assignment.Weights
        var kernels: ExpertKernels

        init(_ weights: Assignment.Weights) throws(ComputeError) {
            self.weights = Self.key(weights)
            kernels = try ExpertKernels(
                compute: ComputeEngine(threads: weights.threads),
                dtype: weights.dtype,
                outputType: .f32,
                forms: weights.products.forms(on: Host.productProcessor, threads: weights.threads)
            )
        }

        func fits(_ other: Assignment.Weights) -> Bool { weights == Self.key(other) }

        /// What kernels depend on: all but which experts are held.
        private static func key(_ weights: Assignment.Weights) -> Assignment.Weights {
            var key = weights
            key.experts = []
            return key
        }
    }

    private func load(_ job: Job, _ packing: inout Packing?) -> Outcome {
        let started = MonotonicClock.now()
        let layer = job.arrival.layer
        let missing = Set(job.arrival.experts).subtracting(job.weights.experts[layer]).sorted()
        var answer = Prepared(layer: layer, map: job.arrival.map, copies: missing.count, bytes: 0, seconds: 0)
        var experts: [Int: PackedExpert?] = [:]
        do {
            if !missing.isEmpty { experts = try Self.packed(missing, layer, job.weights, &packing) }
        } catch {
            answer.refusal = "cannot load experts of layer \(layer): \(error)"
        }
        answer.bytes = experts.values.reduce(0) { $0 + ($1?.byteCount ?? 0) }
        answer.seconds = (MonotonicClock.now() - started).seconds
        return Outcome(answer: answer, experts: ArrivedExperts(experts), epoch: job.epoch)
    }

    /// Make or read weights, and pack them by kernels of this thread, in the forms of those that will run them; one expert
    /// at a time is held in singles.
    private static func packed(
        _ experts: [Int],
        _ layer: Int,
        _ weights: Assignment.Weights,
        _ packing: inout Packing?
    ) throws -> [Int: PackedExpert?] {
        var arriving = weights
        arriving.experts = weights.experts.indices.map { $0 == layer ? experts : [] }
        arriving.holdsCommonExperts = false
        try ShardMemory(arriving).check(available: Host.availableMemory)
        let source = try weights.source.open(model: weights.model)
        var used = try packing.flatMap { $0.fits(weights) ? $0 : nil } ?? Packing(weights)
        defer { packing = used }
        var packed: [Int: PackedExpert?] = [:]
        for expert in experts {
            let parameters = try source.expertParameters(of: .routed(expert), layer: layer)
            guard !parameters.shape.returnsInput else {
                packed[expert] = .some(nil)
                continue
            }
            packed[expert] = try used.kernels.kernel(parameters.shape, weights.products.routed).pack(parameters)
        }
        return packed
    }
}

/// Packed weights on their way from the thread that loads them to the one that computes with them.
///
/// They are handed over whole: the loader lets go of them when they are given away, which is what makes them `Sendable`.
struct ArrivedExperts: @unchecked Sendable {
    /// The weights by expert; nil where one has none.
    let packed: [Int: PackedExpert?]

    init(_ packed: [Int: PackedExpert?]) { self.packed = packed }
}
