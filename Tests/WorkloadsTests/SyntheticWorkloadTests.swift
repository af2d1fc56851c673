import Foundation
import Tensors
import Testing

@testable import Workloads

/// Synthetic popularity, against the formulas that it is drawn from.
@Suite struct SyntheticWorkloadTests {
    /// Experts by falling logit, for one token.
    private func order(_ logits: ArraySlice<Float>) -> [Int] {
        let values = Array(logits)
        return values.indices.sorted { values[$0] > values[$1] }
    }

    private func workload(
        _ distribution: ExpertDistribution,
        seed: UInt64 = 1,
        tokens: Int = 64,
        layers: Int = 1,
        experts: Int = 8
    ) -> SyntheticWorkload {
        let shape = model(layers: layers, experts: experts)
        return SyntheticWorkload(distribution: distribution, seed: seed, tokensPerStep: tokens, model: shape)
    }

    @Test(arguments: [ExpertDistribution.uniform, .zipf(exponent: 1), .logNormal(sigma: 1), .powerLaw(exponent: 1.2)])
    func topTwoIsSamplingWithoutReplacement(distribution: ExpertDistribution) throws {
        let tokens = 40_000
        let seed = UInt64.random(in: .min ... .max)
        let popularity = ExpertPopularity(distribution, seed: seed, layer: 0, experts: 4, tokens: tokens)
        let sum = popularity.logarithms.reduce(0) { $0 + exp($1) }
        let shares = popularity.logarithms.map { exp($0) / sum }
        let batch = try workload(distribution, seed: seed, tokens: tokens, experts: 4).batch(step: 0)
        let logits = try #require(batch.gate.logits?.first)
        var counts: [[Double]] = Array(repeating: Array(repeating: 0, count: 4), count: 4)
        for token in 0..<tokens {
            let pair = order(logits.row(token))
            counts[pair[0]][pair[1]] += 1
        }
        for first in 0..<4 {
            for second in 0..<4 where second != first {
                let expected = shares[first] * shares[second] / (1 - shares[first])
                let deviation = (expected * (1 - expected) / Double(tokens)).squareRoot()
                let found = counts[first][second] / Double(tokens)
                #expect(abs(found - expected) < 6 * deviation + 1e-4, "\(first), \(second) with seed \(seed)")
            }
        }
    }

    @Test func zipfFollowsRanks() {
        let found = ExpertPopularity(.zipf(exponent: 1.5), seed: 3, layer: 2, experts: 10, tokens: 1).logarithms
        let expected = (1...10).map { -1.5 * log(Double($0)) }
        #expect(zip(found.sorted(by: >), expected).allSatisfy { abs($0 - $1) < 1e-12 })
    }

    @Test func logNormalHasItsMoments() {
        let count = 60_000
        let found = ExpertPopularity(.logNormal(sigma: 0.5), seed: 9, layer: 0, experts: count, tokens: 1).logarithms
        let mean = found.reduce(0, +) / Double(count)
        let variance = found.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
        let within = Double(found.count { abs($0) < 0.5 }) / Double(count)
        #expect(abs(mean) < 0.01)
        #expect(abs(variance - 0.25) < 0.01)
        #expect(abs(within - 0.6827) < 0.01)
    }

    @Test(arguments: [0, 0.5, 1, 1 + 1e-13, 1.2, 2, 10])
    func powerLawInvertsItsDistribution(exponent: Double) {
        let top = 0.8 * 4096
        for uniform in [1e-12, 0.1, 0.5, 0.9, 1 - 1e-12] {
            let logarithm = ExpertPopularity.powerLawLogarithm(uniform, exponent: exponent, logOfTop: log(top))
            let value = exp(logarithm)
            #expect(value >= 1 && value <= top * (1 + 1e-12))
            // The distribution function, by Simpson's rule over the logarithm of x.
            func mass(_ end: Double) -> Double {
                let cells = 2000
                return (0...cells).reduce(0) { sum, cell in
                    let factor: Double = cell == 0 || cell == cells ? 1 : cell % 2 == 1 ? 4 : 2
                    return sum + factor * exp((1 - exponent) * end * Double(cell) / Double(cells))
                } * end / Double(3 * cells)
            }
            #expect(abs(mass(logarithm) / mass(log(top)) - uniform) < 1e-6, "at \(uniform)")
        }
    }

    @Test func extremeParametersStayFinite() throws {
        let extremes: [ExpertDistribution] = [
            .zipf(exponent: 10), .zipf(exponent: 0), .logNormal(sigma: 10), .logNormal(sigma: 0),
            .powerLaw(exponent: 10), .powerLaw(exponent: 0),
        ]
        for distribution in extremes {
            let batch = try workload(distribution, tokens: 1, experts: 1000).batch(step: 0)
            #expect(batch.gate.logits?.allSatisfy { $0.values.allSatisfy(\.isFinite) } == true, "\(distribution)")
        }
    }

    @Test func eachLayerHasItsOwnHotExperts() {
        let orders = (0..<16).map { layer in
            let found = ExpertPopularity(.zipf(exponent: 1), seed: 1, layer: layer, experts: 64, tokens: 1).logarithms
            return found.indices.sorted { found[$0] > found[$1] }
        }
        #expect(Set(orders.map { $0[0] }).count > 8)
        #expect(Set(orders).count == 16)
    }

    @Test func batchesAreAFunctionOfSeedAndStep() throws {
        let workload = workload(.zipf(exponent: 1), layers: 3)
        let batch = try workload.batch(step: 4)
        #expect(try workload.batch(step: 4) == batch)
        #expect(batch.gate.logits?.map(\.rows) == [64, 64, 64])
        #expect(batch.gate.logits?.map(\.columns) == [8, 8, 8])
        let other = try workload.batch(step: 5)
        #expect(other.hidden.values != batch.hidden.values)
        #expect(other.gate != batch.gate)
        #expect(try self.workload(.zipf(exponent: 1), seed: 2, layers: 3).batch(step: 4).hidden != batch.hidden)
        #expect(workload.summary.passes(steps: 9) == nil)
        #expect(
            workload.summary == WorkloadSummary(kind: .synthetic, source: nil, distinctTokens: nil, tokensPerStep: 64)
        )
    }

    @Test func hiddenStatesHaveMeanZeroAndVarianceOne() {
        let values = SeededHiddenStates(seed: 7, hidden: 256).rows(0..<400).values
        #expect(abs(mean(values)) < 0.02)
        #expect(abs(mean(values.map { $0 * $0 }) - 1) < 0.02)
        #expect(values.allSatisfy { abs($0) <= SeededHiddenStates.bound })
        let far = SeededHiddenStates(seed: 7, hidden: 256).rows([1 << 40, 1])
        #expect(far.row(0) != far.row(1) && far.row(1) == SeededHiddenStates(seed: 7, hidden: 256).rows([1]).row(0))
    }
}
