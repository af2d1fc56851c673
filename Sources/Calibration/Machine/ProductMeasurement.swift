import Cluster
internal import Experts
internal import Foundation
internal import MoE
internal import Runtime
internal import Synchronization
internal import Tensors

/// The measurement of expert products, on one thread or on several at once.
struct ProductMeasurement: Sendable {
    let shape: ExpertShape
    let dtype: DType

    /// The bytes of an expert's weights.
    var weightBytes: Double { Double(shape.parameterCount * dtype.byteCount) }

    /// The times of one expert's products, in seconds.
    ///
    /// - Parameters:
    ///   - rows: the number of rows of each expert.
    ///   - experts: the number of experts that are used in turn: few, so that the caches hold them, or many.
    ///   - threads: the number of threads that compute at the same time, each with experts of its own.
    func seconds(rows: Int, experts: Int, threads: Int = 1, repeats: Int) throws -> Repeats {
        let members = try Team.run(threads) { _ in
            let bench = try Bench(self, rows: rows, experts: experts)
            return try Repeats(repeats) { try bench.run(rows: rows) }
        }
        // All members are alike; the slowest says what a core gets while the others read, too.
        let slowest = members.max { $0.median < $1.median } ?? Repeats([])
        return slowest.divided(by: Double(experts))
    }

    /// Time the products of one expert, once each, for numbers of rows that the kernel has not met before; in seconds.
    func firstSeconds(rows: Range<Int>) throws -> Repeats {
        let bench = try Bench(self, rows: rows.upperBound, experts: 1)
        return Repeats(
            try rows.map { rows in
                let started = MonotonicClock.ofThread()
                try bench.run(rows: rows)
                return (MonotonicClock.ofThread() - started).seconds
            }
        )
    }

    /// Packed experts with buffers for their rows.
    private struct Bench {
        let kernel: ExpertKernel
        let packed: [PackedExpert]
        let input: AlignedBuffer
        let output: AlignedBuffer

        init(_ what: ProductMeasurement, rows: Int, experts: Int) throws {
            let (shape, dtype) = (what.shape, what.dtype)
            kernel = try ExpertKernel(compute: ComputeEngine(threads: 1), shape: shape, dtype: dtype, outputType: dtype)
            // The values do not change the time, so the same weights are packed into many places.
            let weights = SeededWeights(seed: 1).parameters(of: .routed(0), layer: 0, shape: shape)
            let kernel = kernel
            packed = try (0..<experts).map { _ in try kernel.pack(weights) }
            input = AlignedBuffer(byteCount: rows * shape.hidden * dtype.byteCount)
            output = AlignedBuffer(byteCount: rows * shape.hidden * dtype.byteCount)
        }

        func run(rows: Int) throws {
            for expert in packed {
                unsafe try kernel.run(expert, rows: rows, input: UnsafeRawPointer(input.start), output: output.start)
            }
        }
    }
}

extension Repeats {
    /// The times divided by a number of equal parts of the work.
    func divided(by parts: Double) -> Repeats { Repeats(sorted.map { $0 / parts }) }
}

/// Threads that run the same closure at the same time, each with an index and state of its own.
final class Team<Value: Sendable>: Sendable {
    private let results = Mutex<[Int: Result<Value, any Error>]>([:])
    private let done = DispatchSemaphore(value: 0)

    /// Call `body` with 0..<count, each on a thread of its own, and return the results in that order.
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
