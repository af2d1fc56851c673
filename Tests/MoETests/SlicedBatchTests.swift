import Tensors
import Testing

@testable import MoE

/// What routers that decide per token promise: the parts of a batch, routed and joined, are the whole.
@Suite("Batches in parts")
struct SlicedBatchTests {
    static let names = RouterCatalogue.entries.map(\.name)
    /// As published, without drops, and in evaluation without drops.
    static let settings = [(isTraining: true, drops: true), (true, false), (false, false)]

    private let experts = 16

    private func router(_ name: String, _ setting: (isTraining: Bool, drops: Bool)) throws -> any Router {
        var options = RouterOptions()
        options.topK = name == "hierarchical" || name == "replay" ? 2 : nil
        options.hierarchyGroups = 4
        options.training = setting.isTraining
        if !setting.drops { options.drop = DropPolicy.none }
        options.commandPerToken = true
        return try RouterCatalogue.running(name, options)
    }

    private func batch(_ router: any Router, seed: UInt64, lengths: [Int]) -> RouterBatch {
        let tokens = lengths.reduce(0, +)
        let random = CounterRandom(seed: seed, purpose: .test, 7)
        return RouterBatch(
            tokens: tokens,
            experts: experts,
            projections: router.projections.enumerated().map { index, projection in
                let columns = router.columns(of: projection, experts: experts)
                return Matrix(randomRows: tokens, columns: columns, seed: seed, stream: index)
            },
            recorded: RecordedChoices(
                choicesPerToken: 2,
                experts: (0..<tokens).flatMap { token -> [Int32] in
                    let first = Int32(random.word(token) % 16)
                    return [first, token % 5 == 0 ? ChoiceRows.none : (first + 3) % 16]
                },
                weights: (0..<2 * tokens).map { random.uniform(tokens + $0) }
            ),
            tokenIDs: (0..<tokens).map { Int32(random.word(3 * tokens + $0) % 50) },
            sequenceLengths: lengths,
            random: CounterRandom(seed: seed, purpose: .routerNoise)
        )
    }

    private func state(seed: UInt64) -> RouterState {
        var (bias, thresholds) = ([Float](repeating: 0, count: experts), [Float](repeating: 0, count: experts))
        CounterRandom(seed: seed, purpose: .test, 8).fill(&bias, bound: 0.3)
        CounterRandom(seed: seed, purpose: .test, 9).fill(&thresholds, bound: 0.1)
        return RouterState(selectionBias: bias, gateBias: bias.reversed(), thresholds: thresholds)
    }

    @Test(arguments: names, settings)
    func partsRouteLikeTheWhole(name: String, setting: (isTraining: Bool, drops: Bool)) throws {
        let router = try router(name, setting)
        guard router.decidesPerToken else { return }
        for seed in UInt64(1)...5 {
            let (first, second) = (1 + Int(seed * 13 % 40), 64 - Int(seed * 13 % 40))
            let whole = batch(router, seed: seed, lengths: [first, 20, second])
            let parts = [0..<first, first..<first + 20, first + 20..<first + 20 + second]
            var remembered = state(seed: seed)
            let expected = try router.route(whole, state: &remembered)
            var state = state(seed: seed)
            var joined: DispatchPlan?
            var importance = [Double](repeating: 0, count: whole.experts)
            for part in parts {
                let routing = try router.route(try #require(whole.slice(part)), state: &state)
                joined = joined?.joined(with: routing.plan) ?? routing.plan
                importance = zip(importance, routing.importance).map { $0 + $1 }
            }
            #expect(joined == expected.plan, "seed \(seed)")
            #expect(state == remembered, "seed \(seed)")
            for (left, right) in zip(importance, expected.importance) {
                #expect(abs(left - right) < 1e-9, "seed \(seed)")
            }
        }
    }

    /// The promise is given where it should be, and not where tokens compete or numbers are drawn.
    @Test func promises() throws {
        let perToken = try Self.settings.map { setting in
            Set(try Self.names.filter { try router($0, setting).decidesPerToken })
        }
        let competing: Set = [
            "expert-choice", "expert-choice-capped", "expert-choice-mesh", "sinkhorn", "hash-balanced",
        ]
        let training: Set = ["noisy-top-k", "hierarchical", "strictly-balanced", "base", "switch", "keep-top-k"]
        #expect(perToken.allSatisfy { $0.isDisjoint(with: competing) })
        #expect(perToken[0].isDisjoint(with: training) && perToken[1].isDisjoint(with: training))
        #expect(perToken[0].isDisjoint(with: ["gshard", "megatron", "nllb", "deepspeed-top-k"]))
        #expect(perToken[0].isSuperset(of: ["mixtral", "deepseek-v3", "phimoe", "replay", "hash", "dense-mixture"]))
        #expect(perToken[2].isSuperset(of: training))
    }

    @Test func slicesKeepSequencesWhole() throws {
        let router = try router("replay", (true, false))
        let whole = batch(router, seed: 1, lengths: [3, 5, 2])
        #expect(whole.slice(0..<3)?.sequenceLengths == [3])
        #expect(whole.slice(3..<10)?.sequenceLengths == [5, 2])
        #expect(whole.slice(8..<8)?.tokens == 0)
        #expect(whole.slice(0..<4) == nil && whole.slice(4..<8) == nil && whole.slice(2..<9) == nil)
        var one = whole
        one.sequenceLengths = nil
        let part = try #require(one.slice(4..<6))
        #expect(part.sequenceLengths == nil && part.tokens == 2)
        #expect(part.tokenIDs == one.tokenIDs.map { Array($0[4..<6]) })
        #expect(part.recorded?.experts == one.recorded.map { Array($0.experts[8..<12]) })
    }

    @Test func joinedQueuesStandBehindEachOther() {
        let first = DispatchPlan(
            experts: 2,
            copyOffsets: [0, 2, 3],
            expert: [0, 1, 0],
            weight: [1, 2, 3],
            position: [0, DispatchPlan.dropped, 4]
        )
        let second = DispatchPlan(
            experts: 2,
            copyOffsets: [0, 0, 2],
            expert: [1, 0],
            weight: [4, 5],
            position: [0, 1]
        )
        let joined = first.joined(with: second)
        #expect(joined.tokens == 4 && joined.copyOffsets == [0, 2, 3, 3, 5])
        #expect(joined.expert == [0, 1, 0, 1, 0] && joined.weight == [1, 2, 3, 4, 5])
        #expect(joined.position == [0, DispatchPlan.dropped, 4, 0, 6])
    }
}
