import Cluster
import MoE
import Runtime
import Tensors
import Workloads

/// Seeded samples to test with.
struct Samples {
    private let random: CounterRandom
    private var next = 0

    init(seed: Int) {
        random = CounterRandom(seed: UInt64(seed), purpose: .test)
    }

    /// An integer of `range`.
    mutating func integer(_ range: ClosedRange<Int>) -> Int {
        next += 1
        return range.lowerBound + Int(random.word(next - 1)) % range.count
    }

    /// A number in [-1, 1).
    mutating func number() -> Float {
        next += 1
        return 2 * random.uniform(next - 1) - 1
    }

    /// Numbers in [-1, 1).
    mutating func matrix(rows: Int, columns: Int) -> Matrix {
        Matrix(rows: rows, columns: columns, values: (0..<rows * columns).map { _ in number() })
    }

    /// Tokens that choose `topK` different experts each; every fifth copy or so is dropped when `drops`.
    mutating func plan(tokens: Int, experts: Int, topK: Int, drops: Bool, weightTarget: WeightTarget = .output)
        -> DispatchPlan
    {
        var chosen: [Int32] = []
        for _ in 0..<tokens {
            var left = Array(0..<experts)
            for _ in 0..<topK { chosen.append(Int32(left.remove(at: integer(0...left.count - 1)))) }
        }
        return DispatchPlan(
            experts: experts,
            copyOffsets: Array(stride(from: 0, through: chosen.count, by: topK)),
            expert: chosen,
            weight: chosen.map { _ in number() },
            position: chosen.map { _ in drops && integer(0...4) == 0 ? DispatchPlan.dropped : 0 },
            weightTarget: weightTarget
        )
    }
}

/// Two layers of eight small experts; tokens from the model's own gate.
func smallConfiguration(_ change: (inout RunPlan) -> Void = { _ in }) -> RunPlan {
    var configuration = RunPlan()
    configuration.model.layers = 2
    configuration.model.hidden = 32
    configuration.model.experts = 8
    configuration.model.expertFfn = 64
    configuration.workload.tokens = 24
    configuration.cluster.workers = 2
    configuration.cluster.startSeconds = 20
    configuration.run.steps = 2
    configuration.run.warmup = 1
    change(&configuration)
    return configuration
}
