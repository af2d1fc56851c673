import TestSupport
import Testing

@testable import Placement

/// When a rebalancer acts, what it plans, and what it keeps.
@Suite struct RebalancerTests {
    private func placement(layers: Int = 1, experts: Int = 8, slots: Int = 12, ranks: Int = 4) throws -> Placement {
        let problem = try PlacementProblem(experts: experts, slots: slots, ranks: ranks)
        let layer = try PlacementPolicy.contiguous.layerPlacement(problem)
        return try Placement(layers: [LayerPlacement](repeating: layer, count: layers))
    }

    private func rebalancer(
        _ trigger: RebalanceTrigger,
        layers: Int = 1,
        policy: PlacementPolicy = .busiestRank,
        _ change: (inout RebalanceRules) -> Void = { _ in }
    ) throws -> Rebalancer {
        var rules = RebalanceRules()
        rules.trigger = trigger
        (rules.interval, rules.window, rules.threshold) = (4, 4, 1.5)
        change(&rules)
        return Rebalancer(rules, policy: policy, placement: try placement(layers: layers))
    }

    /// Contiguous slots of 4 ranks of 3 are 012, 345, 670, 123: rank 2 is the busiest, with half of expert 0 beside 6 and 7.
    private let skewed = [100, 10, 10, 10, 10, 10, 10, 40]
    private let even = [Int](repeating: 10, count: 8)

    @Test func itNeverActsWhereItIsNotToldTo() throws {
        var rebalancer = try rebalancer(.never)
        for _ in 0..<50 {
            rebalancer.observe([skewed])
            #expect(rebalancer.next().isEmpty)
        }
        #expect(rebalancer.finished.isEmpty && rebalancer.current == nil)
    }

    @Test func itActsEveryInterval() throws {
        var rebalancer = try rebalancer(.interval)
        var acted: [Int] = []
        for step in 1...12 {
            rebalancer.observe([step < 6 ? skewed : skewed.reversed()])
            for change in rebalancer.next() {
                acted.append(step)
                rebalancer.switched(layer: change.layer)
            }
        }
        #expect(acted == [4, 8, 12])
        #expect(rebalancer.finished.map(\.step) == [4, 8, 12])
        #expect(
            rebalancer.finished.map(\.reason) == [
                "4 steps since the start", "4 steps since the last", "4 steps since the last",
            ]
        )
    }

    /// Imbalance by hand: ranks have 60, 25, 100, 15 of 200 copies on contiguous slots, 100 * 4 / 200 = 2.
    @Test func aThresholdIsPassedByTheMapInForce() throws {
        var rebalancer = try rebalancer(.threshold)
        for _ in 0..<10 {
            rebalancer.observe([even])
            #expect(rebalancer.next().isEmpty)
        }
        for _ in 0..<4 { rebalancer.observe([skewed]) }
        let changes = rebalancer.next()
        #expect(changes.count == 1 && rebalancer.current?.reason == "imbalance 2.00, above 1.50")
        #expect(abs(changes[0].before - 2) < 1e-9 && changes[0].after < 1.2)
        rebalancer.switched(layer: 0)
        // On the new map the same loads are below the threshold.
        for _ in 0..<10 {
            rebalancer.observe([skewed])
            #expect(rebalancer.next().isEmpty)
        }
    }

    @Test func aLayerKeepsItsMapUntilItHasSwitched() throws {
        var rebalancer = try rebalancer(.interval)
        let old = rebalancer.placement
        for _ in 0..<4 { rebalancer.observe([skewed]) }
        let change = try #require(rebalancer.next().first)
        #expect(rebalancer.placement == old)
        for _ in 0..<9 {
            rebalancer.observe([skewed])
            #expect(rebalancer.next().isEmpty, "one rebalance at a time")
        }
        rebalancer.switched(layer: 0)
        #expect(rebalancer.placement[0] == change.placement)
        #expect(rebalancer.finished.map(\.switched) == [[Switch(layer: 0, step: 13)]])
        #expect(rebalancer.finished[0].copies == change.moves.count && change.moves.count > 0)
    }

    @Test func aRefusedLayerKeepsItsMapAndTheReason() throws {
        var rebalancer = try rebalancer(.interval)
        let old = rebalancer.placement
        for _ in 0..<4 { rebalancer.observe([skewed]) }
        _ = rebalancer.next()
        rebalancer.refused(layer: 0, "no room")
        #expect(rebalancer.placement == old)
        #expect(rebalancer.finished.map(\.refusals) == [["layer 0: no room"]])
        #expect(rebalancer.finished[0].copies == 0)
    }

    /// 10 slots on 4 ranks are none that EPLB can fill.
    @Test func whatCannotBePlacedIsRefused() throws {
        var rules = RebalanceRules()
        (rules.trigger, rules.interval) = (.interval, 1)
        var rebalancer = Rebalancer(rules, policy: .eplb, placement: try placement(experts: 10, slots: 10))
        rebalancer.observe([[Int](1...10)])
        #expect(rebalancer.next().isEmpty)
        #expect(rebalancer.finished.first?.refusals.first?.hasPrefix("layer 0: 10 slots on 4 ranks") == true)
    }

    @Test func layersWithoutLoadKeepTheirMap() throws {
        var rebalancer = try rebalancer(.interval, layers: 3, policy: .eplb)
        let none = [Int](repeating: 0, count: 8)
        for _ in 0..<4 { rebalancer.observe([none, skewed, none]) }
        #expect(rebalancer.next().map(\.layer) == [1])
        #expect(rebalancer.current?.keptLayers == 2)
    }

    @Test func layersMoveAFewAtATime() throws {
        var rebalancer = try rebalancer(.interval, layers: 5) { $0.layers = 2 }
        for _ in 0..<4 { rebalancer.observe([[Int]](repeating: skewed, count: 5)) }
        #expect(rebalancer.next().map(\.layer) == [0, 1])
        #expect(rebalancer.next().isEmpty)
        rebalancer.switched(layer: 1)
        #expect(rebalancer.next().map(\.layer) == [2])
        rebalancer.switched(layer: 0)
        rebalancer.refused(layer: 2, "no room")
        #expect(rebalancer.next().map(\.layer) == [3, 4])
        rebalancer.switched(layer: 3)
        #expect(rebalancer.finished.isEmpty)
        rebalancer.switched(layer: 4)
        #expect(rebalancer.finished.map { $0.switched.map(\.layer) } == [[1, 0, 3, 4]])
    }

    @Test func aGainThatIsTooSmallMovesNothing() throws {
        var rebalancer = try rebalancer(.interval) { $0.minGain = 2 }
        for _ in 0..<4 { rebalancer.observe([skewed]) }
        #expect(rebalancer.next().isEmpty && rebalancer.finished.map(\.keptLayers) == [1])
        var even = try self.rebalancer(.interval, policy: .contiguous)
        for _ in 0..<4 { even.observe([skewed]) }
        #expect(even.next().isEmpty && even.finished.map(\.keptLayers) == [1], "the map in force is no new one")
    }

    /// The busiest rank goes from 100 copies a step to about 55; 45 copies at 1 ms are 45 ms a step.
    @Test func itMovesWhatPaysWithinTheHorizon() throws {
        func changes(_ horizon: Int, _ prices: MovePrices?) throws -> [LayerChange] {
            var rebalancer = try rebalancer(.breakEven) { $0.horizon = horizon }
            for _ in 0..<4 { rebalancer.observe([skewed]) }
            return rebalancer.next(prices)
        }
        let prices = MovePrices(secondsPerCopy: 1e-3, secondsPerMove: 1)
        #expect(try changes(1, prices).isEmpty)
        let change = try #require(try changes(1000, prices).first)
        let most = Dictionary(grouping: change.moves.moves, by: \.receiver).values.map(\.count).max() ?? 0
        #expect(change.costSeconds == Double(most))
        let busiest = change.placement.evenLoads(skewed.map { Double($0) }).max() ?? 0
        #expect(abs((change.savedSeconds ?? 0) - (100 - busiest) * 1e-3) < 1e-12)
        #expect(try changes(1000, nil).isEmpty, "without prices nothing is known to pay")
    }

    @Test func oldLoadsAreForgotten() throws {
        for decay in [nil, 0.5] {
            var rebalancer = try rebalancer(.interval) {
                ($0.interval, $0.window, $0.decay) = (40, 4, decay)
            }
            for _ in 0..<20 { rebalancer.observe([skewed]) }
            for _ in 0..<20 { rebalancer.observe([skewed.reversed()]) }
            let change = try #require(rebalancer.next().first)
            let recent = Imbalance.evenly(skewed.reversed().map { Double($0) }, on: change.placement)
            let past = Imbalance.evenly(skewed.map { Double($0) }, on: change.placement)
            #expect((recent ?? 9) < 1.2 && (past ?? 0) > 1.3, "decay \(decay ?? 0)")
        }
    }

    /// Random loads, answers and refusals: every map holds every expert, moves lead from the old map to the new one, and
    /// what was refused changes nothing.
    @Test(arguments: UInt64(1)...60)
    func mapsStayWhole(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let ranks = Int.random(in: 1...4, using: &random)
        let perRank = Int.random(in: 2...4, using: &random)
        let slots = ranks * perRank
        let experts = Int.random(in: max(1, slots / 2)...slots, using: &random)
        let layers = Int.random(in: 1...3, using: &random)
        var rules = RebalanceRules()
        rules.trigger = [.interval, .threshold, .breakEven].randomElement(using: &random) ?? .interval
        rules.interval = .random(in: 1...5, using: &random)
        rules.window = .random(in: 1...6, using: &random)
        rules.threshold = .random(in: 1...1.5, using: &random)
        rules.decay = random.happens(0.3) ? 0.7 : nil
        rules.layers = random.happens(0.5) ? .random(in: 1...2, using: &random) : nil
        let policy =
            [PlacementPolicy.busiestRank, .eplb, .snake, .eplbKeptSlots].randomElement(using: &random) ?? .eplb
        var rebalancer = Rebalancer(
            rules,
            policy: policy,
            placement: try placement(layers: layers, experts: experts, slots: slots, ranks: ranks)
        )
        var moving: [LayerChange] = []
        for _ in 0..<60 {
            let loads = (0..<layers).map { _ in
                (0..<experts).map { _ in random.happens(0.1) ? 0 : Int.random(in: 0...50, using: &random) }
            }
            rebalancer.observe(loads)
            let before = rebalancer.placement
            let prices = MovePrices(secondsPerCopy: 1, secondsPerMove: .random(in: 0...20, using: &random))
            let changes = rebalancer.next(prices)
            #expect(rebalancer.placement == before)
            for change in changes {
                #expect(change.placement.slots.count == slots && change.placement.ranks == ranks, "seed \(seed)")
                #expect(ExpertMoves(from: before[change.layer], to: change.placement) == change.moves)
                #expect(change.after < change.before, "seed \(seed)")
            }
            moving += changes
            #expect(moving.count <= rules.layers ?? layers, "seed \(seed)")
            for change in moving where random.happens(0.4) {
                moving.removeAll { $0.layer == change.layer }
                let old = rebalancer.placement[change.layer]
                if random.happens(0.3) {
                    rebalancer.refused(layer: change.layer, "no room")
                    #expect(rebalancer.placement[change.layer] == old)
                } else {
                    rebalancer.switched(layer: change.layer)
                    #expect(rebalancer.placement[change.layer] == change.placement)
                }
            }
        }
        let all = rebalancer.finished + [rebalancer.current].compactMap(\.self)
        #expect(all.map(\.number) == Array(all.indices))
    }
}
