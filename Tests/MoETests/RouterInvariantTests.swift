import Foundation
import Tensors
import Testing

@testable import MoE

@Suite("What holds for every router")
struct RouterInvariantTests {
    static let names = RouterCatalogue.entries.map(\.name).filter { $0 != "replay" }

    /// A batch that every router can route: 96 tokens, 16 experts.
    private func batch(_ router: any Router, seed: UInt64) -> RouterBatch {
        let (tokens, experts) = (96, 16)
        let projections = router.projections.enumerated().map { index, projection in
            Matrix(
                randomRows: tokens,
                columns: router.columns(of: projection, experts: experts),
                seed: seed,
                stream: index
            )
        }
        var batch = RouterBatch(
            tokens: tokens,
            experts: experts,
            projections: projections,
            tokenIDs: (0..<Int32(tokens)).map { $0 * 7 % 50 },
            sequenceLengths: [10, 50, 36],
            random: CounterRandom(seed: seed, purpose: .routerNoise)
        )
        batch.recorded = nil
        return batch
    }

    private func router(_ name: String, _ change: (inout RouterOptions) -> Void = { _ in }) throws -> any Router {
        var options = RouterOptions()
        options.topK = name == "hierarchical" ? 2 : nil
        options.hierarchyGroups = 4
        change(&options)
        return try RouterCatalogue.running(name, options)
    }

    @Test(arguments: names)
    func plansAreSound(name: String) throws {
        for seed in UInt64(1)...5 {
            let router = try router(name)
            let batch = batch(router, seed: seed)
            let routing = try router.route(batch)
            let plan = routing.plan
            #expect(plan.tokens == batch.tokens && plan.experts == batch.experts, "seed \(seed)")
            #expect(plan.chosen.allSatisfy { Set($0).count == $0.count }, "seed \(seed): an expert chosen twice")
            #expect(plan.weight.allSatisfy { $0.isFinite && $0 >= 0 }, "seed \(seed)")
            #expect(routing.losses.allSatisfy { $0.value.isFinite && $0.value >= 0 }, "seed \(seed)")
            for expert in 0..<plan.experts {
                let places = (0..<plan.copies).filter { Int(plan.expert[$0]) == expert && plan.isKept($0) }
                    .map { plan.position[$0] }
                #expect(Set(places).count == places.count, "seed \(seed): two copies in one place")
                #expect(places.allSatisfy { $0 >= 0 }, "seed \(seed)")
            }
            let kept = (0..<plan.copies).count { plan.isKept($0) }
            #expect(routing.paddedRows.map { $0 >= kept } ?? true, "seed \(seed)")
            #expect(try router.route(batch).plan == plan, "seed \(seed): not the same twice")
        }
    }

    @Test(arguments: RouterFamily.all.map(\.name))
    func queuesHoldTheirCapacityOrEverything(name: String) throws {
        let rule = try #require(RouterFamily.named(name)).rule
        for seed in UInt64(1)...5 {
            let router = TopKRouter(rule: rule)
            let batch = batch(router, seed: seed)
            let plan = try router.route(batch).plan
            let kept = (0..<plan.copies).count { plan.isKept($0) }
            guard let capacity = rule.capacity else {
                #expect(kept == batch.tokens * rule.topK, "seed \(seed)")
                continue
            }
            guard capacity.scope == .batch else { continue }
            let slots = capacity.capacity(tokens: batch.tokens, topK: rule.topK, experts: batch.experts)
            #expect(plan.position.allSatisfy { $0 < slots }, "seed \(seed)")
        }
    }

    @Test(arguments: RouterFamily.all.filter { $0.rule.normalization != nil }.map(\.name))
    func renormalisedWeightsSumToTheScale(name: String) throws {
        var rule = try #require(RouterFamily.named(name)).rule
        if rule.normalization?.moment == .beforeDrop {
            rule.further = .all
            rule.capacity = nil
        }
        let router = TopKRouter(rule: rule)
        for seed in UInt64(1)...5 {
            let plan = try router.route(batch(router, seed: seed)).plan
            for token in 0..<plan.tokens {
                let kept = plan.copies(ofToken: token).filter { plan.isKept($0) }
                guard !kept.isEmpty else { continue }
                let sum = kept.reduce(0) { $0 + Double(plan.weight[$1]) }
                #expect(abs(sum - rule.scale) < 1e-6 * rule.scale, "seed \(seed), token \(token)")
            }
        }
    }

    @Test(arguments: ["deepseek-v2", "deepseek-v3"], [2, 4, 8])
    func tokensStayWithinTheirGroups(name: String, groups: Int) throws {
        for kept in 1...min(groups, 3) {
            let router = try router(name) { options in
                (options.topK, options.groups, options.groupsKept) = (2 * kept, groups, kept)
            }
            for seed in UInt64(1)...5 {
                var state = RouterState(selectionBias: (0..<16).map { Float($0 % 5) * 0.1 - 0.3 })
                let batch = batch(router, seed: seed)
                let plan = try router.route(batch, state: &state).plan
                let used = plan.chosen.map { Set($0.map { $0 / (16 / groups) }).count }
                #expect(used.allSatisfy { $0 <= kept }, "seed \(seed), \(kept) of \(groups) groups")
            }
        }
    }

    @Test(arguments: UInt64(1)...5)
    func everyExpertGetsItsShare(seed: UInt64) throws {
        let cases: [(any Router, Int)] = [
            (ExpertChoiceRouter(factor: 1.5), 9), (ExpertChoiceRouter(variant: .mesh), 12), (BaseRouter(), 6),
            (StrictlyBalancedRouter(topK: 3), 18),
        ]
        for (router, share) in cases {
            let loads = ExpertLoads(try router.route(batch(router, seed: seed)).plan)
            #expect(loads.kept == [Int](repeating: share, count: 16), "seed \(seed)")
            #expect(loads.dropped.allSatisfy { $0 == 0 }, "seed \(seed)")
        }
    }

    @Test(arguments: ["switch", "gshard", "tokens-choose", "deepspeed-top-k", "nllb"], ContestOrder.allCases)
    func fullQueuesAreFullInEveryOrder(name: String, order: ContestOrder) throws {
        let router = try router(name) { options in
            (options.capacityFactor, options.minCapacity, options.drop) = (0.5, 0, DropPolicy(rawValue: order.rawValue))
            options.further = .all
        }
        let topK = (router as? TopKRouter)?.rule.topK ?? 0
        for seed in UInt64(1)...3 {
            let batch = batch(router, seed: seed)
            let plan = try router.route(batch).plan
            let rule = try #require((router as? TopKRouter)?.rule.capacity)
            let capacity = rule.capacity(tokens: batch.tokens, topK: topK, experts: batch.experts)
            for expert in 0..<plan.experts {
                let copies = (0..<plan.copies).filter { Int(plan.expert[$0]) == expert }
                let places = copies.filter { plan.isKept($0) }.map { Int(plan.position[$0]) }.sorted()
                #expect(places == Array(0..<min(capacity, copies.count)), "seed \(seed), expert \(expert)")
            }
        }
    }
}
