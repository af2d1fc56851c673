import MoE
import Tensors
import TestSupport
import Testing

@testable import Workloads

/// What is drawn is what the file says, whatever the loads, groups and k.
@Suite struct DrawnLoadsTests {
    private static let tokens = 20_000

    /// Loads that choices within groups had: they are possible by themselves.
    private struct Recorded {
        var counts: [Double]
        let groups: GroupChoice
        let topK: Int

        init(_ random: inout SeededRandom) {
            let groups = Int.random(in: 1...8, using: &random)
            let size = Int.random(in: 1...12, using: &random)
            let kept = Int.random(in: 1...groups, using: &random)
            let topK = Int.random(in: 1...min(8, kept * size), using: &random)
            let popularity = (0..<groups * size).map { _ in Double.random(in: 0...4, using: &random) }
            let bias = (0..<groups).map { _ in Double.random(in: 0...2, using: &random) }
            var counts = [Double](repeating: 0, count: groups * size)
            // Few tokens put loads on the edge of what is possible: experts in every token, or in none.
            for _ in 0..<Int.random(in: 1...300, using: &random) {
                let scores = popularity.enumerated().map {
                    $1 + bias[$0 / size] + Double.random(in: 0...6, using: &random)
                }
                let best = (0..<groups).map { scores[$0 * size..<($0 + 1) * size].max() ?? 0 }
                let used = Set((0..<groups).sorted { best[$0] > best[$1] }.prefix(kept))
                let allowed = scores.indices.filter { used.contains($0 / size) }
                for expert in allowed.sorted(by: { scores[$0] > scores[$1] }).prefix(topK) { counts[expert] += 1 }
            }
            self.counts = counts
            self.groups = GroupChoice(groups: groups, kept: kept)
            self.topK = topK
        }
    }

    @Test(arguments: (0..<60).map { _ in UInt64.random(in: 0...UInt64.max) })
    func drawnLoadsConvergeToThoseOfTheFile(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let recorded = Recorded(&random)
        let (topK, groups) = (recorded.topK, recorded.groups)
        let sum = recorded.counts.reduce(0, +)
        let law = ChoiceLaw(shares: recorded.counts.map { $0 / sum }, choices: topK, limit: groups)
        let fit = ChoiceFit(law)
        try #require(fit.isPossible, "seed \(seed): off by \(fit.largestError)")
        let stream = CounterRandom(seed: seed, purpose: .loadedChoice)
        let drawn = ChoiceSampler(fit).experts(tokens: Self.tokens, random: stream)
        var found = [Double](repeating: 0, count: recorded.counts.count)
        let size = recorded.counts.count / groups.groups
        for token in 0..<Self.tokens {
            let row = drawn[token * topK..<(token + 1) * topK]
            #expect(Set(row).count == topK, "seed \(seed)")
            #expect(Set(row.map { Int($0) / size }).count <= groups.kept, "seed \(seed)")
            for expert in row { found[Int(expert)] += 1 }
        }
        for (expert, count) in recorded.counts.enumerated() {
            let wanted = count / sum * Double(topK)
            // Six standard deviations of a binomial, which no seed of any run goes beyond, and the fit's own error.
            let allowed = 6 * (wanted * (1 - wanted) / Double(Self.tokens)).squareRoot() + 3e-5
            #expect(abs(found[expert] / Double(Self.tokens) - wanted) <= allowed, "seed \(seed), expert \(expert)")
        }
    }

    /// Alike experts in 8 groups of 32, of which 4 are kept: 8 choices are in 3.63 groups, as DeepEP counts them.
    @Test func tokensUseAsManyGroupsAsRoutersDo() {
        let law = ChoiceLaw(
            shares: [Double](repeating: 1 / 256, count: 256),
            choices: 8,
            limit: GroupChoice(groups: 8, kept: 4)
        )
        let random = CounterRandom(seed: 1, purpose: .loadedChoice)
        let drawn = ChoiceSampler(ChoiceFit(law)).experts(tokens: 20_000, random: random)
        let groups = (0..<20_000).map { Set(drawn[$0 * 8..<($0 + 1) * 8].map { $0 / 32 }).count }
        #expect(abs(Double(groups.reduce(0, +)) / 20_000 - 3.63) < 0.02)
    }

    /// One of four groups has 78.5 % of all copies, which two kept groups of equal parts could never give it.
    @Test func aGroupMayHaveMoreThanItsPartOfTheKeptOnes() throws {
        let folder = try TemporaryFolder()
        let counts = [157, 157, 157, 157, 40, 40, 23, 23, 10, 10, 8, 8, 4, 3, 2, 1]
        let path = try folder.write(Array(#"{"logical_count": [\#(counts)]}"#.utf8), as: "loads.json")
        let workload = try LoadsWorkload(
            path: path,
            tokensPerStep: 20_000,
            model: model(experts: 16),
            topK: 4,
            limit: GroupChoice(groups: 4, kept: 2),
            seed: 1
        )
        guard case .recorded(let drawn) = try workload.gate(step: 0, layer: 0) else { return #expect(Bool(false)) }
        let first = drawn.experts.count { $0 < 4 }
        #expect(abs(Double(first) / 80_000 - 0.785) < 0.005)
    }

    @Test(arguments: [
        (
            [5.0, 5, 1, 1], 2, 2, 3,
            "expert 0 has 0.4166666666666667 of the copies; with 3 different experts per token at most 0.3333333333333333"
        ),
        // Every token would need all four groups a quarter of the time each, twice.
        ([1.0, 0, 1, 0, 1, 0, 1, 0], 4, 1, 2, "a token needs at least 2.0000 groups on average"),
        ([10.0, 10, 10, 10, 10, 0], 2, 1, 3, "a token needs at least 1.2000 groups on average"),
    ])
    func impossibleLoadsSayByHowMuch(counts: [Double], groups: Int, kept: Int, topK: Int, message: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Array(#"{"logical_count": [\#(counts)]}"#.utf8), as: "loads.json")
        let refused = refusal { () throws(WorkloadError) in
            _ = try LoadsWorkload(
                path: path,
                tokensPerStep: 8,
                model: model(experts: counts.count),
                topK: topK,
                limit: GroupChoice(groups: groups, kept: kept),
                seed: 1
            )
        }
        #expect(refused?.contains(message) == true, "\(refused ?? "nothing refused")")
    }
}
