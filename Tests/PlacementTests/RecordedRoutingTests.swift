import Basics
import Foundation
import MoE
import Tensors
import TestSupport
import Testing

@testable import Placement

/// Placements of recorded routing against numbers of independent code; `EPSIM_PLACEMENT` and `EPSIM_TRACES` name other
/// folders, and then every case of theirs is tried, else a few of each kind.
@Suite(.enabled(if: SharedData.hasPlacements, "set EPSIM_PLACEMENT, EPSIM_LOADS and EPSIM_TRACES"))
struct RecordedRoutingTests {
    /// Expected numbers of one task at one number of redundant slots and ranks.
    struct Case: CustomTestStringConvertible, Sendable {
        let task: String
        let key: String
        let expected: JSON
        let redundant: Int
        let ranks: Int
        var block = 512

        var testDescription: String { "\(task) \(key)" }

        /// A case of a key such as `R32_D8` or `B64_R32_D8`.
        init?(_ task: String, _ key: String, _ expected: JSON) {
            (self.task, self.key, self.expected) = (task, key, expected)
            var parts: [Character: Int] = [:]
            for part in key.split(separator: "_") { parts[part[part.startIndex]] = Int(part.dropFirst()) }
            guard let redundant = parts["R"], let ranks = parts["D"] else { return nil }
            (self.redundant, self.ranks) = (redundant, ranks)
            block = parts["B"] ?? 512
        }
    }

    private static let isWhole = ProcessInfo.processInfo.environment["EPSIM_PLACEMENT"] != nil

    private static let goldens: JSON? =
        try? JSON(parsing: String(contentsOfFile: SharedData.placement("imbalance.json"), encoding: .utf8))

    /// The cases below a key of each task.
    private static func cases(_ key: String, few: Set<String>) -> [Case] {
        guard case .members(let tasks)? = goldens?["traces"] else { return [] }
        return tasks.keys.sorted().flatMap { task -> [Case] in
            guard case .members(let cases)? = tasks[task]?[key] else { return [] }
            return cases.keys.sorted().filter { isWhole || task == "law" && few.contains($0) }
                .compactMap { name in cases[name].flatMap { Case(task, name, $0) } }
        }
    }

    static let table = cases("table", few: ["R0_D8", "R32_D32"])
    static let batches = cases("batch_size", few: ["B2048_R32_D32"])

    @Test(arguments: table) func figuresAreThoseOfIndependentCode(of golden: Case) throws {
        let routing = try Self.routing(golden.task)
        let trial = try Trial(routing: routing, golden: golden)
        for (name, placements) in trial.all {
            try trial.check(name, trial.imbalances(placements))
        }
        try trial.check("lower_bound", trial.lowerBounds)
        try trial.checkMoves()
        try trial.checkWholeHalf()
        try trial.checkReplicaRules()
        try trial.checkRanksPerToken()
    }

    @Test(arguments: batches) func figuresOfOtherStepsAreThoseOfIndependentCode(of golden: Case) throws {
        let trial = try Trial(routing: Self.routing(golden.task), golden: golden)
        let placements = trial.all
        for name in ["contiguous", "eplb_past_half", "eplb_oracle_step"] {
            try trial.check(name, trial.imbalances(try #require(placements[name])))
        }
        try trial.check("lower_bound", trial.lowerBounds)
    }

    static let foreign: [Case] = {
        guard case .members(let tasks)? = goldens?["traces"] else { return [] }
        return tasks.keys.sorted().flatMap { task -> [Case] in
            guard case .members(let others)? = tasks[task]?["stale_by_domain"] else { return [] }
            return others.keys.sorted().filter { isWhole || task == "law" && $0 == "intent" }.flatMap { other in
                guard case .members(let cases)? = others[other] else { return [Case]() }
                return cases.keys.sorted().compactMap { key in
                    cases[key].flatMap { Case(task, key, .members([other: $0])) }
                }
            }
        }
    }()

    @Test(arguments: foreign) func statisticsOfAnotherTaskAreWorthNothing(of golden: Case) throws {
        guard case .members(let expected) = golden.expected, let other = expected.keys.first else { return }
        let (routing, statistics) = (try Self.routing(golden.task), try Self.routing(other))
        let trial = try Trial(routing: routing, golden: golden)
        let placements = try (0..<routing.layers).map { layer -> [LayerPlacement] in
            let placement = try trial.eplb([statistics.counts(0..<statistics.tokens, layer)])
            return [LayerPlacement](repeating: placement, count: trial.steps.count)
        }
        try trial.check(other, trial.imbalances(placements))
    }

    private static func routing(_ task: String) throws -> RecordedRouting {
        try RecordedRouting(path: SharedData.trace(task))
    }
}

/// The experts that each token of a trace chose in each layer.
struct RecordedRouting {
    let tokens: Int
    let layers: Int
    let choices: Int
    let experts = 64
    private let ids: [Int64]

    init(path: String) throws {
        let tensor = try SafetensorsFile(path: path).tensor(named: "topk_ids")
        (tokens, layers, choices) = (tensor.spec.shape[0], tensor.spec.shape[1], tensor.spec.shape[2])
        ids = try tensor.integers(rows: 0..<tokens)
    }

    func chosen(_ token: Int, _ layer: Int) -> [Int] {
        let first = (token * layers + layer) * choices
        return ids[first..<first + choices].map { Int($0) }
    }

    func counts(_ range: Range<Int>, _ layer: Int) -> [Double] {
        var counts = [Double](repeating: 0, count: experts)
        for token in range {
            let first = (token * layers + layer) * choices
            for place in first..<first + choices { counts[Int(ids[place])] += 1 }
        }
        return counts
    }

    func pairs(_ range: Range<Int>, _ layer: Int) -> [Double] {
        var pairs = [Double](repeating: 0, count: experts * experts)
        for token in range {
            let chosen = chosen(token, layer)
            for one in chosen { for other in chosen { pairs[one * experts + other] += 1 } }
        }
        return pairs
    }

    func plan(_ range: Range<Int>, _ layer: Int) -> DispatchPlan {
        let experts = range.flatMap { chosen($0, layer) }.map { Int32($0) }
        return DispatchPlan(
            experts: self.experts,
            copyOffsets: (0...range.count).map { $0 * choices },
            expert: experts,
            weight: [Float](repeating: 1, count: experts.count),
            position: [Int32](repeating: 0, count: experts.count)
        )
    }
}

/// The placements of one case, and what they make of the second half of its tokens.
private struct Trial {
    let routing: RecordedRouting
    let golden: RecordedRoutingTests.Case
    let half: Int
    let steps: [Range<Int>]
    /// The placements by the names of the goldens.
    private(set) var all: [String: Placements] = [:]

    init(routing: RecordedRouting, golden: RecordedRoutingTests.Case) throws {
        (self.routing, self.golden, half) = (routing, golden, routing.tokens / 2)
        steps = stride(from: routing.tokens / 2, through: routing.tokens - golden.block, by: golden.block).map {
            $0..<$0 + golden.block
        }
        all = try placements()
    }

    /// The placement of each step of each layer, `[layers][steps]`.
    typealias Placements = [[LayerPlacement]]

    func problem(_ loads: [[Double]]) throws -> PlacementProblem {
        try PlacementProblem(
            experts: routing.experts,
            slots: routing.experts + golden.redundant,
            ranks: golden.ranks,
            loads: loads
        )
    }

    func eplb(_ loads: [[Double]]) throws -> LayerPlacement {
        try PlacementPolicy.eplbGlobal.layerPlacement(problem(loads))
    }

    private func each(_ place: (_ layer: Int, _ step: Int) throws -> LayerPlacement) rethrows -> Placements {
        try (0..<routing.layers).map { layer in try steps.indices.map { try place(layer, $0) } }
    }

    private func always(_ place: (_ layer: Int) throws -> LayerPlacement) rethrows -> Placements {
        try (0..<routing.layers).map { [LayerPlacement](repeating: try place($0), count: steps.count) }
    }

    private func before(_ step: Int, _ tokens: Int, _ layer: Int) -> [[Double]] {
        let start = steps[step].lowerBound
        return [routing.counts(max(0, start - tokens)..<start, layer)]
    }

    private func placements() throws -> [String: Placements] {
        [
            "contiguous": try always { _ in try PlacementPolicy.contiguous.layerPlacement(problem([])) },
            "round_robin": try always { _ in try PlacementPolicy.roundRobin.layerPlacement(problem([])) },
            "eplb_past_half": try always { try eplb([routing.counts(0..<half, $0)]) },
            "eplb_oracle_half": try always {
                try eplb([routing.counts(half..<(steps.last?.upperBound ?? half), $0)])
            },
            "eplb_online_w1": try each { try eplb(before($1, 512, $0)) },
            "eplb_online_w4": try each { try eplb(before($1, 2048, $0)) },
            "eplb_online_w4_every4": try each { try eplb(before($1 / 4 * 4, 2048, $0)) },
            "eplb_oracle_step": try each { try eplb([routing.counts(steps[$1], $0)]) },
        ]
    }

    func imbalances(_ placements: Placements) -> [Double] {
        placements.indices.flatMap { layer in
            steps.indices.compactMap { step in
                Imbalance.evenly(routing.counts(steps[step], layer), on: placements[layer][step])
            }
        }
    }

    var lowerBounds: [Double] {
        (0..<routing.layers).flatMap { layer in
            steps.compactMap {
                Imbalance.lowerBound(
                    routing.counts($0, layer),
                    slots: routing.experts + golden.redundant,
                    ranks: golden.ranks
                )
            }
        }
    }

    /// Compare mean, median, 90th percentile and maximum with those of a key.
    func check(_ key: String, _ values: [Double], in expected: JSON? = nil, further: [Double] = []) throws {
        let wanted = try #require(Self.member(expected ?? golden.expected, key)).numbers
        let summary = try #require(Summary(values))
        let found = [summary.mean, summary.p50, summary.p90, summary.max] + further
        #expect(found.count == wanted.count)
        for (found, wanted) in zip(found, wanted) {
            #expect(abs(found - wanted) <= 1e-4, "\(golden.testDescription) \(key): \(found) for \(wanted)")
        }
    }

    private static func member(_ value: JSON, _ key: String) -> JSON? {
        if case .members(let members) = value { members[key] } else { nil }
    }

    func checkMoves() throws {
        let expected = try #require(golden.expected["expert_copies_moved_per_layer_per_rebalance"])
        let (contiguous, past) = (try #require(all["contiguous"]), try #require(all["eplb_past_half"]))
        func compare(_ key: String, _ counts: [Int]) throws {
            let wanted = try #require(expected.number(key))
            let found = Double(counts.reduce(0, +)) / Double(counts.count)
            #expect(abs(found - wanted) <= 1e-3, "\(golden.testDescription) \(key): \(found) for \(wanted)")
        }
        try compare(
            "from_contiguous_to_past_half",
            past.indices.map { ExpertMoves(from: contiguous[$0][0], to: past[$0][0]).count }
        )
        for name in ["online_w1", "online_w4"] {
            let online = try #require(all["eplb_\(name)"])
            try compare(
                name,
                // The numbers leave out the first map, which follows that of the past half.
                online.indices.flatMap { layer in
                    steps.indices.dropFirst().map {
                        ExpertMoves(from: online[layer][$0 - 1], to: online[layer][$0]).count
                    }
                }
            )
        }
    }

    func checkWholeHalf() throws {
        guard let expected = golden.expected["one_step_second_half"] else { return }
        let end = steps.last?.upperBound ?? half
        for key in ["contiguous", "round_robin", "eplb_past_half", "eplb_oracle_half"] {
            let placements = try #require(all[key])
            try check(
                key,
                placements.indices.compactMap {
                    Imbalance.evenly(routing.counts(half..<end, $0), on: placements[$0][0])
                },
                in: expected
            )
        }
    }

    func checkReplicaRules() throws {
        guard let expected = golden.expected["replica_rules_on_eplb_past_half"] else { return }
        let placements = try #require(all["eplb_past_half"])
        for rule in ReplicaRule.allCases where rule != .random && rule != .lp {
            var (imbalances, visits) = ([Double](), [Double]())
            for layer in placements.indices {
                for step in steps {
                    let slots = slots(step, layer, placements[layer][0], rule)
                    imbalances.append(try #require(Imbalance.ofRanks(slots.loads)))
                    visits.append(slots.ranksPerToken)
                }
            }
            let mean = visits.reduce(0, +) / Double(visits.count)
            try check(rule.rawValue.replacing("-", with: "_"), imbalances, in: expected, further: [mean])
        }
        try check(
            "lp",
            placements.indices.flatMap { layer in
                steps.compactMap {
                    Imbalance.ofBestSplit(routing.counts($0, layer).map { Int($0) }, on: placements[layer][0])
                }
            },
            in: expected
        )
    }

    func checkRanksPerToken() throws {
        guard let expected = golden.expected["ranks_per_token_then_imbalance"] else { return }
        func affinity(_ policy: PlacementPolicy) throws -> Placements {
            try always { layer in
                var problem = try problem([routing.counts(0..<half, layer)])
                problem.coactivations = routing.pairs(0..<half, layer)
                return try policy.layerPlacement(problem)
            }
        }
        let cases: [(String, Placements?)] = [
            ("contiguous", all["contiguous"]), ("round_robin", all["round_robin"]),
            ("eplb_past_half", all["eplb_past_half"]), ("eplb_oracle_half", all["eplb_oracle_half"]),
            ("affinity", try affinity(.affinity)), ("affinity_cap1.1", try affinity(.affinityCapped)),
        ]
        for (key, placements) in cases {
            let placements = try #require(placements)
            let visits = placements.indices.flatMap { layer in
                steps.map { slots($0, layer, placements[layer][0], .tokenIndex).ranksPerToken }
            }
            let wanted = try #require(Self.member(expected, key)).numbers
            let mean = visits.reduce(0, +) / Double(visits.count)
            #expect(abs(mean - wanted[0]) <= 1e-4, "\(golden.testDescription) \(key): \(mean) for \(wanted[0])")
            try check(key, imbalances(placements), in: .members([key: .list(wanted.dropFirst().map { .number($0) })]))
        }
    }

    private func slots(
        _ step: Range<Int>,
        _ layer: Int,
        _ placement: LayerPlacement,
        _ rule: ReplicaRule
    ) -> (loads: [Double], ranksPerToken: Double) {
        let plan = routing.plan(step, layer)
        let sources = (0..<step.count).map { Int32($0 * golden.ranks / step.count) }
        let context = ReplicaContext(
            sources: SourceRanks(tokens: step.count, ranks: golden.ranks, listed: sources, counts: nil)
        )
        let slots = SlotPlan(plan, placement: placement, rule: rule, context: context)
        var loads = [Double](repeating: 0, count: golden.ranks)
        var visits = 0
        for token in 0..<plan.tokens {
            let ranks = plan.copies(ofToken: token).map { Int(placement.rankOfSlot[Int(slots.slotOfCopy[$0])]) }
            for rank in ranks { loads[rank] += 1 }
            visits += Set(ranks).count
        }
        return (loads, Double(visits) / Double(step.count))
    }
}
