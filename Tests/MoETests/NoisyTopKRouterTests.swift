import Foundation
import Tensors
import Testing

@testable import MoE

@Suite("Noisy top-k router")
struct NoisyTopKRouterTests {
    @Test func itReadsTheGateAndTheNoiseScale() {
        #expect(NoisyTopKRouter(topK: 2).projections == [.gate, .noise])
    }

    @Test(arguments: UInt64(1)...10)
    func plansKeepTheirInvariants(seed: UInt64) throws {
        let (tokens, experts, topK) = (60 + Int(seed), 5 + Int(seed % 7), 1 + Int(seed % 5))
        let batch = RouterBatch(
            Matrix(randomRows: tokens, columns: experts, seed: seed),
            Matrix(randomRows: tokens, columns: experts, seed: seed, stream: 1),
            seed: seed
        )
        for rule in [nil, CapacityRule(factor: 0.75)] {
            let routing = try NoisyTopKRouter(topK: topK, capacity: rule).route(batch)
            let capacity = rule?.capacity(tokens: tokens, topK: topK, experts: experts)
            expectInvariants(of: routing.plan, topK: topK, capacity: capacity, "seed \(seed)")
            #expect(routing.plan.weights.allSatisfy { abs($0.reduce(0, +) - 1) < 1e-6 }, "seed \(seed)")
            #expect(abs(routing.importance.reduce(0, +) - Double(tokens)) < 1e-9, "seed \(seed)")
        }
    }

    @Test func theSameSeedGivesTheSameRouting() throws {
        let clean = Matrix(randomRows: 40, columns: 6, seed: 3)
        let raw = Matrix(rows: 40, columns: 6)
        let router = NoisyTopKRouter(topK: 2)
        let first = try router.route(RouterBatch(clean, raw, seed: 8)).plan
        #expect(try router.route(RouterBatch(clean, raw, seed: 8)).plan == first)
        #expect(try router.route(RouterBatch(clean, raw, seed: 9)).plan != first)
    }

    /// Zero projections make the first step pure noise: even loads, and a smooth load near the real one.
    @Test func pureNoiseSpreadsEvenly() throws {
        let (tokens, experts, topK) = (4000, 8, 2)
        let zero = Matrix(rows: tokens, columns: experts)
        let routing = try NoisyTopKRouter(topK: topK).route(RouterBatch(zero, zero, seed: 5))
        let share = Double(topK) / Double(experts)
        let tolerance = 4 * (Double(tokens) * share * (1 - share)).squareRoot()
        for expert in 0..<experts {
            let count = Double(routing.plan.expert.count { Int($0) == expert })
            #expect(abs(count - Double(tokens) * share) < tolerance, "seed 5, expert \(expert)")
            let smooth = try #require(routing.smoothLoad)[expert]
            #expect(abs(smooth - Double(tokens) * share) < tolerance, "seed 5, expert \(expert)")
        }
    }

    @Test func withoutNoiseTheLoadIsTheCount() throws {
        let clean = Matrix([[3, 2, 1], [3, 1, 2], [1, 2, 2], [2, 2, 2]])
        let silent = Matrix(rows: 4, columns: 3, repeating: -1e4)
        let routing = try NoisyTopKRouter(topK: 2, noiseEpsilon: 0).route(RouterBatch(clean, silent))
        #expect(routing.plan.chosen == [[0, 1], [0, 2], [1, 2], [0, 1]])
        #expect(routing.smoothLoad == [3, 3, 2])
    }

    @Test func whereEveryExpertIsChosenTheLoadIsTheCount() throws {
        let clean = Matrix([[3, 2, 1], [3, 1, -2000]])
        let silent = Matrix(rows: 2, columns: 3, repeating: -1e4)
        let routing = try NoisyTopKRouter(topK: 3, noiseEpsilon: 0).route(RouterBatch(clean, silent))
        #expect(routing.smoothLoad == [2, 2, 1])
    }

    @Test func lossesCarryTheirCoefficients() throws {
        let clean = Matrix(randomRows: 20, columns: 4, seed: 2)
        let router = NoisyTopKRouter(topK: 2, importanceLoss: 0.3, loadLoss: 0.7)
        let losses = try router.route(RouterBatch(clean, clean)).losses
        #expect(losses.map(\.coefficient) == [0.3, 0.7])
        #expect(losses.map(\.valueAtBalance) == [0, 0])
    }

    @Test func aNoiseLogitThatIsNotFiniteIsNamed() {
        var raw = Matrix(rows: 3, columns: 4)
        raw[2, 0] = .nan
        let message = "token 2: the noise logit of expert 0 is nan; it must be finite"
        #expect(throws: RoutingError(message)) {
            try NoisyTopKRouter(topK: 2).route(RouterBatch(Matrix(rows: 3, columns: 4), raw))
        }
        #expect(throws: RoutingError("the batch holds 1 projections; the router reads 2")) {
            try NoisyTopKRouter(topK: 2).route(RouterBatch(raw))
        }
    }

    @Test func normalNumbersAreNormalAndDependOnTheirPlaceOnly() {
        let random = CounterRandom(seed: 4, purpose: .routerNoise)
        var all = [Double](repeating: 0, count: 20_000)
        random.fillNormal(&all, from: 0)
        for start in [1, 2, 7] {
            var some = [Double](repeating: 0, count: 6)
            random.fillNormal(&some, from: start)
            #expect(some == Array(all[start..<start + 6]))
        }
        // Mean, variance and fourth moment of a standard normal are 0, 1 and 3, with variances 1, 2 and 96 over n.
        let deviation = 1 / Double(all.count).squareRoot()
        let moments = [1.0, 2, 4].map { power in all.reduce(0) { $0 + pow($1, power) } / Double(all.count) }
        #expect(abs(moments[0]) < 4 * deviation)
        #expect(abs(moments[1] - 1) < 4 * 2.0.squareRoot() * deviation)
        #expect(abs(moments[2] - 3) < 4 * 96.0.squareRoot() * deviation)
        let neighbours = zip(all, all.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 } / Double(all.count)
        #expect(abs(neighbours) < 4 * deviation)
    }
}
