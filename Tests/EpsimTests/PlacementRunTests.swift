import TestSupport
import Testing

extension RealProcesses {
    /// Placements and rules of replicas in real processes.
    @Suite struct PlacementRunTests {
        private static let model = """
            model: {layers: 2, hidden: 32, experts: 8, expert_ffn: 64}
            router: {top_k: 2}
            workload: {kind: loads, path: loads.json, tokens: 96}
            cluster: {workers: 4}
            run: {steps: 5, warmup: 1}

            """
        private static let loads = #"{"logical_count": [[90, 60, 20, 10, 5, 5, 5, 5], [5, 5, 5, 80, 70, 15, 10, 10]]}"#
        /// The maps of two layers, other than any policy makes them: expert 0 has three slots, two of them on one rank.
        private static let map = """
            {"physical_to_logical_map": [[0, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 3], [7, 6, 5, 4, 3, 2, 1, 0, 3, 4, 3, 4]]}
            """

        @Test func outputsHaveTheSameBitsWhereverExpertsStand() async throws {
            try await Sandbox.use { sandbox in
                try sandbox.write("c.yaml", Self.model)
                try sandbox.write("loads.json", Self.loads)
                try sandbox.write("map.json", Self.map)
                var changes: [[String]] = [
                    ["--workers", "1", "--verify"], [], ["--set", "cluster.placement=random"],
                    ["--set", "cluster.placement=busiest-rank", "--set", "cluster.slots=16", "--verify"],
                    ["--set", "cluster.placement=eplb", "--set", "cluster.slots=12", "--set", "run.overlap=two-batch"],
                    ["--workers", "16", "--set", "cluster.slots=16", "--set", "cluster.placement=snake"],
                ]
                let rules = [
                    "token-index", "occurrence", "flat-index", "hash", "by-source", "local-first", "random",
                    "least-loaded",
                    "lp",
                ]
                changes += rules.map {
                    ["--set", "cluster.placement=map.json", "--set", "cluster.replica_choice=\($0)"]
                }
                var hashes: [String?] = []
                for change in changes {
                    let run = try await sandbox.run(change, config: "c.yaml", seconds: 60)
                    #expect(run.isSound, "\(change): \(run.result.errors)")
                    hashes.append(run.hash)
                }
                #expect(hashes[0] != nil && Set(hashes).count == 1, "\(hashes)")
            }
        }

        /// The rule decides which rank computes: of the map's rules, the best split has the lowest busiest rank.
        @Test func loadsOfRanksFollowTheRuleOnBothClocks() async throws {
            try await Sandbox.use { sandbox in
                try sandbox.write("c.yaml", Self.model)
                try sandbox.write("loads.json", Self.loads)
                try sandbox.write("map.json", Self.map)
                var imbalances: [String: Double] = [:]
                for rule in ["token-index", "by-source", "least-loaded", "lp"] {
                    let flags = ["--set", "cluster.placement=map.json", "--set", "cluster.replica_choice=\(rule)"]
                    let run = try await sandbox.run(flags, config: "c.yaml", seconds: 60)
                    let predicted = try await sandbox.start(
                        ["predict", "c.yaml", "--json", "--set", "run.warmup=1"] + flags
                    )
                    .finish(within: 60)
                    imbalances[rule] = run.report.number("load.rank.imbalance.mean")
                    #expect(
                        try JSON(parsing: predicted.output).number("load.rank.imbalance.mean") == imbalances[rule],
                        "\(rule): \(predicted.errors)"
                    )
                }
                let lowest = try #require(imbalances["lp"])
                #expect(imbalances.values.allSatisfy { $0 >= lowest - 1e-12 } && Set(imbalances.values).count > 2)
            }
        }

        /// 12 ranks fill one node of 8 and half of another.
        @Test func ranksNeedNotFillTheirNodes() async throws {
            try await Sandbox.use { sandbox in
                try sandbox.write("c.yaml", Self.model)
                try sandbox.write("loads.json", Self.loads)
                for policy in ["contiguous", "eplb", "busiest-rank"] {
                    let result = try await sandbox.epsim(
                        "predict",
                        "c.yaml",
                        "--ranks",
                        "12",
                        "--set",
                        "cluster.slots=12",
                        "--set",
                        "cluster.placement=\(policy)"
                    )
                    #expect(result.code == 0, "\(policy): \(result.errors)")
                }
            }
        }

        @Test func aMapThatDoesNotFitIsRefusedBeforeAnythingStarts() async throws {
            try await Sandbox.use { sandbox in
                try sandbox.write("c.yaml", Self.model)
                try sandbox.write("loads.json", Self.loads)
                try sandbox.write("map.json", Self.map)
                let cases = [
                    (["cluster.workers=5"], "row 0: found 12 slots, allowed: as many on each of 5 ranks"),
                    (["model.experts=9"], "row 0: found no slot of expert 8, allowed: at least 1 for each"),
                    (["model.layers=3"], "found 2 layers, allowed: 3 MoE layers, as the model has"),
                    (["cluster.slots=12"], "cluster.slots: does not apply"),
                ]
                for (settings, message) in cases {
                    let flags = (["cluster.placement=map.json"] + settings).flatMap { ["--set", $0] }
                    let result = try await sandbox.start(["run", "c.yaml"] + flags).finish(within: 30)
                    #expect(result.code == 78, "\(settings): \(result.errors)")
                    #expect(result.errors.contains(message), "\(settings): \(result.errors)")
                }
            }
        }

        @Test func aPolicyWithoutLoadsSaysWhatItNeeds() async throws {
            try await Sandbox.use { sandbox in
                try sandbox.write("tiny.yaml", Sandbox.tiny)
                let result = try await sandbox.epsim("run", "tiny.yaml", "--set", "cluster.placement=eplb")
                #expect(result.code == 78)
                #expect(
                    result.errors.contains(
                        "cluster.statistics: found nothing, allowed: a file of loads or recorded routing"
                    ),
                    "\(result.errors)"
                )
            }
        }

        @Test func placeAnswersWhetherItPaysAndWritesTheMap() async throws {
            try await Sandbox.use { sandbox in
                let hot = "[[500, 450, 200, 100, 50, 50, 50, 50], [50, 50, 50, 450, 500, 150, 100, 100]]"
                try sandbox.write("loads.json", "{\"logical_count\": [\(hot), \(hot), \(hot), \(hot)]}")
                try sandbox.write("c.yaml", Self.model)
                sandbox.expect("map.json")
                let arguments = [
                    "place", "c.yaml", "--loads", "loads.json", "--slots", "12", "--set", "workload.tokens=65536",
                    "--out", "map.json", "--form", "vllm",
                ]
                let result = try await sandbox.start(arguments + ["--format", "json"]).finish(within: 60)
                #expect(result.code == 0, "\(result.errors)")
                let facts = try JSON(parsing: result.output)
                let policies = facts.elements("policies")
                #expect(policies.compactMap { $0.string("policy") }.prefix(2) == ["in force", "round-robin"])
                func imbalance(_ policy: String) -> Double {
                    policies.first { $0.string("policy") == policy }?.number("later_imbalance.mean") ?? .nan
                }
                // By hand: in 12 slots, rank 0 holds experts 0, 1 and 2, of each of which there are two: 575 of 1450 copies in
                // layer 0; in layer 1, rank 1 holds 4 and 5 and half of 3: 875 of 1450. The mean rank has 362.5.
                let hand = (575 / 362.5 + 875 / 362.5) / 2
                #expect(abs(imbalance("in force") - hand) < 1e-9, "\(imbalance("in force"))")
                #expect(imbalance("busiest-rank") < 1.3, "\(imbalance("busiest-rank"))")
                #expect(facts.string("answer")?.hasPrefix("Yes: ") == true)
                let run = try await sandbox.run(
                    ["--set", "cluster.placement=map.json"],
                    config: "c.yaml",
                    seconds: 60
                )
                #expect(run.isSound, "\(run.result.errors)")
                #expect((run.report.number("load.rank.imbalance.mean") ?? 9) < 2)
            }
        }
    }
}
