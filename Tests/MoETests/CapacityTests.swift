import Tensors
import Testing

@testable import MoE

@Suite("Capacity")
struct CapacityTests {
    @Test(arguments: [
        (1.25, 0, 512, 2, 8, 160),
        (1.0, 4, 10, 1, 8, 4),
        (1.0, 0, 10, 1, 8, 2),
        (1.1, 0, 100, 1, 1, 110),
        (0.1, 0, 3, 1, 1, 1),
        (1e300, 0, 512, 2, 8, Int.max),
        (1.25, 4, 0, 2, 8, 4),
    ])
    func capacityIsRoundedUpAndAtLeastTheMinimum(
        factor: Double,
        minimum: Int,
        tokens: Int,
        topK: Int,
        experts: Int,
        expected: Int
    ) {
        let rule = CapacityRule(factor: factor, minimum: minimum)
        #expect(rule.capacity(tokens: tokens, topK: topK, experts: experts) == expected)
    }

    /// Per cent of the copies of a uniform random top-1 router that do not fit, for capacity factors 0.75, 1, 1.25,
    /// 1.5 and 2: the mean of max(0, X - C) for X binomial.
    @Test(arguments: [
        (1024, 8, [25.0, 3.30, 0.004, 0, 0]),
        (1024, 16, [25.1, 4.82, 0.108, 0, 0]),
        (1024, 64, [26.7, 9.84, 2.24, 0.305, 0.001]),
        (4096, 64, [25.1, 4.94, 0.127, 0, 0]),
        (4096, 128, [25.5, 7.01, 0.716, 0.024, 0]),
        (8192, 128, [25.1, 4.96, 0.13, 0, 0]),
        (2048, 2048, [36.8, 36.8, 10.4, 10.4, 10.4]),
    ])
    func uniformRoutersDropWhatChanceDrops(tokens: Int, experts: Int, expected: [Double]) throws {
        let batches = 20
        for (factor, percent) in zip([0.75, 1, 1.25, 1.5, 2], expected) {
            let router = ReplayRouter(topK: 1, capacity: CapacityRule(factor: factor))
            let rates = try (1...batches).map { seed in
                let plan = try router.route(uniformBatch(tokens: tokens, experts: experts, seed: UInt64(seed))).plan
                return 100 * Double(plan.position.count { $0 == DispatchPlan.dropped }) / Double(tokens)
            }
            let mean = rates.reduce(0, +) / Double(batches)
            let variance = rates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(batches - 1)
            // Four standard errors, and the rounding of the table.
            let tolerance = 4 * (variance / Double(batches)).squareRoot() + 0.05
            #expect(abs(mean - percent) < tolerance, "seeds 1 to \(batches), factor \(factor): \(mean)")
        }
    }

    /// The same through the family's own router, with random logits.
    @Test(arguments: [(1024, 8, 3.30), (1024, 64, 9.84)])
    func switchDropsWhatChanceDrops(tokens: Int, experts: Int, percent: Double) throws {
        let batches = 10
        let router = try TopKRouter.family("switch") { $0.capacity = CapacityRule(factor: 1) }
        let rates = try (1...batches).map { seed in
            let logits = Matrix(randomRows: tokens, columns: experts, seed: UInt64(seed))
            let plan = try router.route(RouterBatch(logits)).plan
            return 100 * Double(plan.position.count { $0 == DispatchPlan.dropped }) / Double(tokens)
        }
        let mean = rates.reduce(0, +) / Double(batches)
        let variance = rates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(batches - 1)
        let tolerance = 4 * (variance / Double(batches)).squareRoot() + 0.05
        #expect(abs(mean - percent) < tolerance, "seeds 1 to \(batches): \(mean)")
    }

    private func uniformBatch(tokens: Int, experts: Int, seed: UInt64) -> RouterBatch {
        let random = CounterRandom(seed: seed, purpose: .test)
        let chosen = (0..<tokens).map { Int32(random.uniform($0) * Float(experts)) }
        let recorded = RecordedChoices(choicesPerToken: 1, experts: chosen, weights: nil)
        return RouterBatch(replaying: recorded, tokens: tokens, experts: experts)
    }
}
