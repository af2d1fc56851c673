import Foundation
import MoE
import Placement
import Records
import TestSupport
import Testing

@testable import CostModel

@Suite("Rows of ranks")
struct RoutedRowsTests {
    /// Four ranks in two nodes, one expert each, one token per rank.
    @Test func rowsOfAPlanAreCountedPerKernel() throws {
        let plan = DispatchPlan(
            experts: 4,
            copyOffsets: [0, 3, 4, 6, 7],
            // Token 0 stays, crosses to both ranks of the other node; 1 goes to rank 0; 2 goes to 3 and 1; 3 is dropped.
            expert: [0, 2, 3, 0, 3, 1, 0],
            weight: [Float](repeating: 1, count: 7),
            position: [0, 0, 0, 1, 1, 0, -1]
        )
        let placement = try PlacementPolicy.contiguous.layerPlacement(experts: 4, ranks: 4)
        let rows = RoutedRows(
            plan: plan,
            slots: SlotPlan(plan, placement: placement),
            cluster: try sampleCluster(ranks: 4, perNode: 2)
        )
        #expect(rows.slotRows == [[2], [1], [1], [2]])
        #expect(rows.tokens == [1, 1, 1, 1])
        func flows(_ path: KeyPath<RankRows, Flow>) -> [[Double]] {
            rows.ranks.map { [$0[keyPath: path].sent, $0[keyPath: path].received] }
        }
        #expect(flows(\.nodeCopies) == [[1, 2], [1, 0], [1, 0], [0, 1]])
        #expect(flows(\.linkCopies) == [[0, 1], [1, 0], [1, 0], [0, 1]])
        #expect(flows(\.nicCopies) == [[2, 0], [0, 1], [1, 1], [0, 1]])
        #expect(flows(\.rows) == [[3, 2], [1, 1], [2, 1], [0, 2]])
        // Token 0 enters node 1 at rank 2, which keeps it and forwards it to rank 3; token 2 enters node 0 at rank 0.
        #expect(flows(\.nicRows) == [[1, 1], [0, 0], [1, 1], [0, 0]])
        #expect(flows(\.linkRows) == [[1, 1], [1, 1], [2, 0], [0, 2]])
    }

    @Test func whatIsSentIsReceived() throws {
        for (seed, ranks, perNode) in [(1, 8, 8), (2, 16, 4), (3, 12, 8), (4, 5, 2)] as [(UInt64, Int, Int)] {
            let plan = samplePlan(tokens: 333, experts: 40, topK: 4, popular: 3, skew: 3, seed: seed)
            let placement = try PlacementPolicy.roundRobin.layerPlacement(experts: 40, ranks: ranks)
            let cluster = try sampleCluster(ranks: ranks, perNode: perNode)
            let rows = RoutedRows(plan: plan, slots: SlotPlan(plan, placement: placement), cluster: cluster)
            for path in RankRows.flows {
                let sent = rows.ranks.reduce(0) { $0 + $1[keyPath: path].sent }
                #expect(sent == rows.ranks.reduce(0) { $0 + $1[keyPath: path].received }, "seed \(seed)")
            }
            #expect(rows.ranks.reduce(0) { $0 + $1.copiesReceived } == 333 * 4)
            #expect(rows.slotRows.joined().reduce(0, +) == 333 * 4)
        }
    }

    /// Experts 0 and 8 are on several ranks; every copy has one slot, and ranks and experts have the same sum.
    @Test(arguments: [UInt64(1), 2, 3])
    func copiesOfReplicasGoToTheirSlots(seed: UInt64) throws {
        let held = (0..<4).map { rank in (0..<4).map { rank * 4 + $0 } + (rank == 0 ? [8] : rank < 3 ? [0] : [0, 8]) }
        let placement = try LayerPlacement(experts: 16, expertsOfRank: held)
        let plan = samplePlan(tokens: 400, experts: 16, topK: 3, popular: 1, skew: 4, seed: seed)
        let slots = SlotPlan(plan, placement: placement)
        let rows = RoutedRows(plan: plan, slots: slots, cluster: try sampleCluster(ranks: 4, perNode: 2))
        #expect(rows.slotRows.map(\.count) == [5, 5, 5, 6])
        #expect(rows.slotCount == 21)
        for rank in 0..<4 {
            #expect(rows.slotRows[rank].reduce(0, +) == rows.ranks[rank].copiesReceived, "seed \(seed), rank \(rank)")
        }
        #expect(rows.slotRows.joined().reduce(0, +) == 1200)
        for (expert, copies) in ExpertLoads(plan).kept.enumerated() {
            let found = placement.slotNumbers(ofExpert: expert).reduce(0.0) { sum, slot in
                let place = placement.slots[Int(slot)]
                return sum + rows.slotRows[place.rank][place.localIndex]
            }
            #expect(found == Double(copies), "seed \(seed), expert \(expert)")
        }
        let routing = ExpectedRouting(tokens: 400, choices: 3, shares: ExpertLoads(plan).kept.map { Double($0) / 1200 })
        let expected = RoutedRows(
            expected: routing,
            placement: placement,
            cluster: try sampleCluster(ranks: 4, perNode: 2)
        )
        for rank in 0..<4 {
            let pair = (rows.ranks[rank].copiesReceived, expected.ranks[rank].copiesReceived)
            #expect(abs(pair.0 - pair.1) < 5 * pair.1.squareRoot(), "seed \(seed), rank \(rank)")
            #expect(abs(expected.slotRows[rank].reduce(0, +) - pair.1) < 1e-9, "seed \(seed), rank \(rank)")
        }
    }

    /// The expectation is that of the tokens that are drawn: uniform choices, any shape of cluster.
    @Test(arguments: [(64, 8, 6, 8), (64, 16, 8, 4), (48, 12, 4, 8), (32, 32, 2, 8)])
    func expectedRowsAreTheMeanOfDrawnOnes(experts: Int, ranks: Int, topK: Int, perNode: Int) throws {
        let placement = try PlacementPolicy.contiguous.layerPlacement(experts: experts, ranks: ranks)
        let cluster = try sampleCluster(ranks: ranks, perNode: perNode)
        let tokens = 6000
        let seed: UInt64 = 21
        let plan = samplePlan(tokens: tokens, experts: experts, topK: topK, seed: seed)
        let drawn = RoutedRows(plan: plan, slots: SlotPlan(plan, placement: placement), cluster: cluster)
        let expected = RoutedRows(
            expected: ExpectedRouting(
                tokens: Double(tokens),
                choices: topK,
                shares: [Double](repeating: 1 / Double(experts), count: experts)
            ),
            placement: placement,
            cluster: cluster
        )
        for path in RankRows.flows {
            func total(_ rows: RoutedRows) -> Double { rows.ranks.reduce(0) { $0 + $1[keyPath: path].sent } }
            // A token has at most k rows, so the sum over tokens varies by at most k / 2 · sqrt(tokens).
            let tolerance = 4 * Double(topK) / 2 * Double(tokens).squareRoot()
            #expect(abs(total(drawn) - total(expected)) <= tolerance, "seed \(seed), \(path)")
            for rank in 0..<ranks {
                let pair = (drawn.ranks[rank][keyPath: path], expected.ranks[rank][keyPath: path])
                let allowed = 5 * (pair.1.larger.squareRoot() * Double(topK).squareRoot() + 2)
                #expect(abs(pair.0.sent - pair.1.sent) <= allowed, "seed \(seed), rank \(rank), \(path)")
                #expect(abs(pair.0.received - pair.1.received) <= allowed, "seed \(seed), rank \(rank), \(path)")
            }
        }
    }

    /// The same where ranks own different numbers of tokens, one of them none.
    @Test(arguments: [(8, 4), (6, 4), (4, 8)])
    func expectedRowsFollowTheOwnersOfTokens(ranks: Int, perNode: Int) throws {
        let placement = try PlacementPolicy.contiguous.layerPlacement(experts: 24, ranks: ranks)
        let cluster = try sampleCluster(ranks: ranks, perNode: perNode)
        let counts = (0..<ranks).map { $0 == 1 ? 0 : 400 * ($0 + 1) }
        let (tokens, topK, seed) = (counts.reduce(0, +), 3, UInt64(5))
        let plan = samplePlan(tokens: tokens, experts: 24, topK: topK, seed: seed)
        let drawn = RoutedRows(
            plan: plan,
            slots: SlotPlan(plan, placement: placement),
            cluster: cluster,
            sources: SourceRanks(counts: counts)
        )
        let routing = ExpectedRouting(
            tokens: Double(tokens),
            choices: topK,
            shares: [Double](repeating: 1 / 24, count: 24),
            tokensOfRanks: counts.map { Double($0) }
        )
        let expected = RoutedRows(expected: routing, placement: placement, cluster: cluster)
        #expect(drawn.tokens == expected.tokens)
        for path in RankRows.flows {
            for rank in 0..<ranks {
                let pair = (drawn.ranks[rank][keyPath: path], expected.ranks[rank][keyPath: path])
                let allowed = 5 * (pair.1.larger.squareRoot() * Double(topK).squareRoot() + 2)
                #expect(abs(pair.0.sent - pair.1.sent) <= allowed, "seed \(seed), rank \(rank), \(path)")
                #expect(abs(pair.0.received - pair.1.received) <= allowed, "seed \(seed), rank \(rank), \(path)")
            }
        }
        #expect(expected.ranks[1].rows.sent == 0 && drawn.ranks[1].rows.sent == 0)
    }

    /// Four experts with weights and two identity experts: every pair of them once from each rank, which is what equal
    /// shares expect, so that rows counted and rows expected are the same.
    @Test(arguments: [(4, 2), (2, 2), (4, 4)])
    func copiesForIdentityExpertsAreInNoRow(ranks: Int, perNode: Int) throws {
        let pairs = (0..<6).flatMap { first in (first + 1..<6).map { [Int32(first), Int32($0)] } }
        let tokens = pairs.count * ranks
        let plan = DispatchPlan(
            experts: 6,
            copyOffsets: (0...tokens).map { 2 * $0 },
            expert: (0..<ranks).flatMap { _ in pairs.flatMap(\.self) },
            weight: [Float](repeating: 1, count: 2 * tokens),
            position: [Int32](repeating: 0, count: 2 * tokens)
        )
        let placement = try PlacementPolicy.contiguous.layerPlacement(experts: 4, ranks: ranks)
        let cluster = try sampleCluster(ranks: ranks, perNode: perNode)
        let counted = RoutedRows(plan: plan, slots: SlotPlan(plan, placement: placement), cluster: cluster)
        let routing = ExpectedRouting(
            tokens: Double(tokens),
            choices: 2,
            shares: [Double](repeating: 1.0 / 6, count: 6)
        )
        let expected = RoutedRows(expected: routing, placement: placement, cluster: cluster)
        for (one, other) in zip(counted.slotRows.joined(), expected.slotRows.joined()) {
            #expect(one == Double(tokens) / 3 && abs(one - other) < 1e-9)
        }
        for path in RankRows.flows {
            for rank in 0..<ranks {
                let (one, other) = (counted.ranks[rank][keyPath: path], expected.ranks[rank][keyPath: path])
                #expect(abs(one.sent - other.sent) < 1e-6, "rank \(rank), \(path): \(one.sent), \(other.sent)")
                #expect(abs(one.received - other.received) < 1e-6, "rank \(rank), \(path)")
            }
        }
        let record = LayerRecord(layer: 0, expected: routing, identityExperts: 2)
        #expect(record.identityCopies * 3 == 2 * tokens && record.placedCopies.reduce(0, +) * 3 == 4 * tokens)
    }

    /// DeepSeek-V3 with 4 of 8 nodes: 3.63 distinct nodes per token, 3.61 without a limit on 4 nodes, 1.993 on 2.
    @Test(arguments: [(8, 4, 3.63), (4, 4, 3.61), (2, 2, 1.993)])
    func distinctNodesAreThoseOfDeepEP(nodes: Int, kept: Int, published: Double) {
        let routing = ExpectedRouting(
            tokens: 1,
            choices: 8,
            shares: [Double](repeating: 1 / 256, count: 256),
            limit: GroupChoice(groups: nodes, kept: kept)
        )
        let size = 256 / nodes
        let sets = (0..<nodes).map { Array($0 * size..<($0 + 1) * size) }
        let distinct = HitProbability(routing).hits(Self.whole(sets)).reduce(0, +)
        #expect(abs(distinct - published) < 0.005)
    }

    /// The odds with which experts get their shares.
    private static func odds(_ shares: [Double], choices: Int, _ limit: GroupChoice? = nil) -> [Double] {
        ChoiceFit(ChoiceLaw(shares: shares, choices: choices, limit: limit)).logits.map { exp($0) }
    }

    /// Against all subsets of four experts out of six, weighed by the product of their odds.
    @Test func hitProbabilityIsThatOfConditionalBernoulliChoices() {
        let shares = [0.22, 0.05, 0.2, 0.13, 0.18, 0.22]
        let odds = Self.odds(shares, choices: 4)
        var (all, hit) = (0.0, 0.0)
        for bits in 0..<64 where bits.nonzeroBitCount == 4 {
            let weight = (0..<6).reduce(1.0) { bits >> $1 & 1 == 1 ? $0 * odds[$1] : $0 }
            all += weight
            if bits & 0b000110 != 0 { hit += weight }
        }
        let routing = ExpectedRouting(tokens: 1, choices: 4, shares: shares)
        #expect(abs(HitProbability(routing).hits(Self.whole([[1, 2]]))[0] - hit / all) < 1e-12)
    }

    /// Half of expert 1's copies and a third of expert 2's: all subsets of four experts, and for each whether its copies go
    /// there.
    @Test func partsOfExpertsAreHitByTheirShare() {
        let shares = [0.22, 0.05, 0.2, 0.13, 0.18, 0.22]
        let odds = Self.odds(shares, choices: 4)
        var (all, missed) = (0.0, 0.0)
        for bits in 0..<64 where bits.nonzeroBitCount == 4 {
            let weight = (0..<6).reduce(1.0) { bits >> $1 & 1 == 1 ? $0 * odds[$1] : $0 }
            all += weight
            missed += weight * (bits & 0b010 != 0 ? 0.5 : 1) * (bits & 0b100 != 0 ? 2.0 / 3 : 1)
        }
        let routing = ExpectedRouting(tokens: 1, choices: 4, shares: shares)
        let set = [HitProbability.Part(expert: 1, share: 0.5), HitProbability.Part(expert: 2, share: 1.0 / 3)]
        #expect(abs(HitProbability(routing).hits([set])[0] - (1 - missed / all)) < 1e-12)
    }

    /// A single expert is hit as often as its share says, with groups and without, where some experts are in every token.
    @Test(arguments: [nil, GroupChoice(groups: 4, kept: 2)])
    func anExpertIsHitByItsShare(limit: GroupChoice?) {
        for shares in [
            [0.2, 0.1, 0.05, 0.15, 0.12, 0.13, 0.15, 0.1], [0.49, 0.3, 0.1, 0.05, 0.03, 0.02, 0.01, 0],
            [0.5, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05, 0],
        ] {
            let routing = ExpectedRouting(tokens: 1, choices: 2, shares: shares, limit: limit)
            let hits = HitProbability(routing).hits(Self.whole((0..<8).map { [$0] }))
            for (hit, share) in zip(hits, shares) { #expect(abs(hit - 2 * share) < 1e-5, "\(shares)") }
        }
    }

    /// Two of four groups of two experts, then two of their four experts, all ways written out.
    @Test func hitProbabilityFollowsTheGroups() {
        let shares = [0.2, 0.1, 0.05, 0.15, 0.12, 0.13, 0.15, 0.1]
        let limit = GroupChoice(groups: 4, kept: 2)
        let odds = Self.odds(shares, choices: 2, limit)
        let sets = [[0], [2, 3], [1, 4], [0, 1, 2, 3]]
        var (all, hits) = (0.0, [Double](repeating: 0, count: sets.count))
        for first in 0..<4 {
            for second in first + 1..<4 {
                let ofWay = [2 * first, 2 * first + 1, 2 * second, 2 * second + 1]
                for pair in (0..<4).flatMap({ left in (left + 1..<4).map { [ofWay[left], ofWay[$0]] } }) {
                    let weight = odds[pair[0]] * odds[pair[1]]
                    all += weight
                    for (index, set) in sets.enumerated() where !Set(set).isDisjoint(with: pair) {
                        hits[index] += weight
                    }
                }
            }
        }
        let found = HitProbability(ExpectedRouting(tokens: 1, choices: 2, shares: shares, limit: limit)).hits(
            Self.whole(sets)
        )
        for (found, expected) in zip(found, hits.map({ $0 / all })) { #expect(abs(found - expected) < 1e-12) }
    }

    /// Products of many odds stay within range: k of k experts, and many of very many.
    @Test(arguments: [(64, 64), (64, 4096), (40, 41)])
    func extremesStayProbabilities(choices: Int, experts: Int) {
        let shares = [Double](repeating: 1 / Double(experts), count: experts)
        let hits = HitProbability(ExpectedRouting(tokens: 1, choices: choices, shares: shares)).hits(
            Self.whole([[0], [1, 2]])
        )
        let expected = Double(choices) / Double(experts)
        #expect(abs(hits[0] - expected) < 1e-6)
        #expect(hits[1] >= hits[0] - 1e-6 && hits[1] <= 1)
    }

    /// Sets of experts that have all their slots there.
    private static func whole(_ sets: [[Int]]) -> [[HitProbability.Part]] {
        sets.map { $0.map { HitProbability.Part(expert: $0) } }
    }

    @Test func wholeNumbersKeepTheirSum() {
        #expect(WholeNumbers.keepingSum([0.4, 0.4, 0.4, 2.8]) == [1, 0, 0, 3])
        #expect(WholeNumbers.keepingSum([1, 2, 3]) == [1, 2, 3])
        #expect(WholeNumbers.keepingSum([]) == [])
    }

    /// Whoever knows the odds of the experts saves the search; the rows are the same.
    @Test func oddsThatAreKnownAreTaken() {
        var random = SeededRandom()
        let limit = GroupChoice(groups: 4, kept: 2)
        for limit in [nil, limit] {
            let raw = (0..<16).map { _ in Double.random(in: 1...2, using: &random) }
            let sum = raw.reduce(0, +)
            var routing = ExpectedRouting(tokens: 64, choices: 3, shares: raw.map { $0 / sum }, limit: limit)
            let sets = Self.whole((0..<4).map { Array($0 * 4..<$0 * 4 + 4) })
            let searched = HitProbability(routing).hits(sets)
            routing.fit = ChoiceFit(ChoiceLaw(shares: routing.shares, choices: 3, limit: limit))
            #expect(HitProbability(routing).hits(sets) == searched)
            // Odds of other loads show that they are what is taken.
            let other = (0..<16).map { $0 < 4 ? 0.13 : 0.04 }
            routing.fit = ChoiceFit(ChoiceLaw(shares: other, choices: 3, limit: nil))
            #expect(HitProbability(routing).hits(sets) != searched, "seed \(random.seed)")
        }
    }
}
