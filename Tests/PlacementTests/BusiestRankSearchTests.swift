import TestSupport
import Testing

@testable import Placement

@Suite("The search for the lowest busiest rank")
struct BusiestRankSearchTests {
    /// The example of vllm-ascend's FlashLB: EPLB's busiest rank has 232 copies, a joint search 205.
    @Test func findsWhatAJointSearchFinds() throws {
        let copies: [Double] = [600, 560, 120, 120, 20, 10, 10, 10]
        let problem = try PlacementProblem(experts: 8, slots: 16, ranks: 8, loads: [copies])
        let ofEPLB = try PlacementPolicy.eplbGlobal.layerPlacement(problem).evenLoads(copies).max()
        let found = try PlacementPolicy.busiestRank.layerPlacement(problem).evenLoads(copies).max() ?? .infinity
        #expect(ofEPLB == 232)
        #expect(found <= 205)
    }

    @Test(arguments: UInt64(1)...30)
    func isNeverWorseThanWhereItBeginsAndSeparatesReplicas(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let ranks = [2, 3, 4, 8].randomElement(using: &random) ?? 2
        let experts = ranks * Int.random(in: 1...4, using: &random)
        let slots = min(experts + ranks * Int.random(in: 0...2, using: &random), experts * ranks)
        let loads = (0..<Int.random(in: 1...12, using: &random)).map { _ in
            (0..<experts).map { _ in Double(Int.random(in: 0...100, using: &random)) }
        }
        let problem = try PlacementProblem(experts: experts, slots: slots, ranks: ranks, loads: loads)
        let placed = try PlacementPolicy.busiestRank.layerPlacement(problem)
        #expect(placed.slots.count == slots, "seed \(seed)")
        for rank in 0..<ranks {
            #expect(Set(placed.experts(onRank: rank)).count == slots / ranks, "seed \(seed), rank \(rank)")
        }
        let windows = LoadWindows(loads).windows
        func mean(_ placement: LayerPlacement) -> Double {
            windows.compactMap { Imbalance.evenly($0, on: placement) }.reduce(0, +) / Double(max(windows.count, 1))
        }
        // EPLB may put replicas side by side; a search that starts from there has to give that up.
        let eplb = try PlacementPolicy.eplbGlobal.layerPlacement(problem)
        let hasDuplicates = (0..<ranks).contains { Set(eplb.experts(onRank: $0)).count < slots / ranks }
        if !hasDuplicates { #expect(mean(placed) <= mean(eplb) * 1.02 + 1e-9, "seed \(seed)") }
    }

    @Test(arguments: [PlacementPolicy.busiestRank, .hottestEverywhere])
    func moreSlotsThanDifferentExpertsAreRefused(policy: PlacementPolicy) throws {
        let problem = try PlacementProblem(experts: 8, slots: 1024, ranks: 2, loads: [[900, 1, 1, 1, 1, 1, 1, 1]])
        #expect(
            throws: PlacementError(
                "1024 slots of 8 experts on 2 ranks; placement by \(policy.rawValue) puts each expert on a rank once"
            )
        ) { try policy.layerPlacement(problem) }
    }

    /// A penalty above any gain keeps every expert where it is; without one, the placement in force is left.
    @Test func aPenaltyKeepsExpertsWhereTheyAre() throws {
        let loads: [[Double]] = [[90, 80, 1, 1, 1, 1, 1, 1]]
        let inForce = try PlacementPolicy.contiguous.layerPlacement(experts: 8, ranks: 4)
        var problem = try PlacementProblem(experts: 8, ranks: 4, loads: loads, inForce: inForce)
        var rules = SearchRules()
        rules.penalty = 100
        #expect(try PlacementPolicy.busiestRank.layerPlacement(problem, rules: rules) == inForce)
        let moved = try PlacementPolicy.busiestRank.layerPlacement(problem)
        #expect(ExpertMoves(from: inForce, to: moved).count > 0)
        #expect(moved.ranks(ofExpert: 0) != moved.ranks(ofExpert: 1))
        problem.inForce = nil
        #expect(try PlacementPolicy.busiestRank.layerPlacement(problem).ranks(ofExpert: 0).count == 1)
    }

    @Test func expertsOfANodeStayThere() throws {
        let loads = [(0..<16).map { Double($0 * $0 + 1) }]
        let problem = try PlacementProblem(experts: 16, slots: 24, ranks: 8, nodes: 2, groups: 4, loads: loads)
        let placed = try PlacementPolicy.busiestRank.layerPlacement(problem)
        for expert in 0..<16 {
            #expect(Set(placed.ranks(ofExpert: expert).map { $0 / 4 }).count == 1, "expert \(expert)")
        }
    }
}
