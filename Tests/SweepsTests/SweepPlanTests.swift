import Cluster
import Configuration
import ConfigurationSupport
import Foundation
import MoE
import Reports
import Runtime
import Settings
import TestSupport
import Testing
import Workloads

@testable import Sweeps

@Suite("Plans of sweeps")
struct SweepPlanTests {
    private func values(_ plan: SweepPlan) -> [[String?]] { plan.points.map { $0.parameters.map(\.text) } }

    @Test("cross the list with the grid, the first key slowest")
    func order() throws {
        let plan = try plan(
            """
            config: a.yaml
            grid: {run.steps: [5, 6], cluster.workers: [1, 2]}
            list: [{router.top_k: 1}, {router.top_k: 2, model.experts: 16}]
            """
        )
        #expect(plan.file.keys == ["router.top_k", "model.experts", "run.steps", "cluster.workers"])
        let expected = ["1", "2"].flatMap { top in
            ["5", "6"].flatMap { steps in
                ["1", "2"].map { [top, top == "1" ? "8" : "16", steps, $0] as [String?] }
            }
        }
        #expect(values(plan) == expected)
        #expect(plan.points.map { $0.resolved.plan.cluster.workers } == [1, 2, 1, 2, 1, 2, 1, 2])
    }

    @Test("run every point with every seed")
    func seeds() throws {
        let plan = try plan("config: a.yaml\nseeds: [4, 9]\ngrid: {cluster.workers: [1, 2]}\nset: {run.steps: 6}")
        #expect(plan.points.map(\.seed) == [4, 4, 9, 9])
        #expect(plan.points.allSatisfy { $0.resolved.plan.run.steps == 6 })
        #expect(Set(plan.points.map(\.id)).count == 4)
        #expect(
            plan.points[3].overrides.map { "\($0.key)=\($0.value)" } == [
                "run.steps=6", "run.seed=9", "cluster.workers=2",
            ]
        )
    }

    @Test("have as many points as the factors say")
    func count() throws {
        var random = SeededRandom()
        for _ in 0..<20 {
            let sizes = (0..<3).map { _ in Int.random(in: 1...4, using: &random) }
            let keys = ["run.steps", "run.warmup", "cluster.workers"]
            let grid = zip(keys, sizes).map { "\($0): [\((1...$1).map { "\($0)" }.joined(separator: ", "))]" }
            let seeds = Int.random(in: 1...3, using: &random)
            let list = (1...seeds).map { "\($0)" }.joined(separator: ", ")
            let yaml = "config: a.yaml\nseeds: [\(list)]\ngrid: {\(grid.joined(separator: ", "))}"
            let plan = try plan(yaml)
            #expect(plan.points.count == sizes.reduce(seeds, *), "seed \(random.seed)")
            #expect(Set(plan.points.map(\.id)).count == plan.points.count, "seed \(random.seed)")
            #expect(try self.plan(yaml) == plan, "seed \(random.seed)")
        }
    }

    private func plan(_ yaml: String, over base: String = "model: {layers: 2}") throws -> SweepPlan {
        try SweepsTests.plan(yaml, over: base)
    }

    @Test("leave a value empty where it does not apply")
    func absent() throws {
        let list = "list: [{router.kind: deepseek-v3, router.bias_rate: 0.5}, {router.kind: switch}]"
        let plan = try plan("config: a.yaml\n\(list)", over: "model: {experts: 64}")
        #expect(values(plan) == [["deepseek-v3", "0.5"], ["switch", nil]])
        #expect(plan.points[0].parameters.map(\.isBare) == [false, true])
    }

    @Test("name points by the SHA-256 of what they are, not by where their results go")
    func identity() throws {
        let first = try plan("config: a.yaml\ngrid: {cluster.workers: [1, 2]}")
        let other = try plan("config: b.yaml\nlist: [{cluster.workers: 2}]", over: "model: {layers: 2}\nrun: {out: /x}")
        #expect(first.points[1].id == other.points[0].id && first.points[0].id != other.points[0].id)
        // printf 'a:\n  out: 1\nrun:\n  steps: 5\n' | sha256sum
        #expect(PointID.of("a:\n  out: 1\nrun:\n  steps: 5\n  out: /x") == "86b5f4634ea1442c")
    }

    @Test("tell what does not fit, with the place of the value in the sweep")
    func misfits() {
        #expect(
            sweepProblems("config: a.yaml\ngrid:\n  cluster.workers: [4, 16]\n  run.steps: [5, 6]") == [
                "conf/s.yaml:3:24: cluster.workers: found 16, allowed: at most 8, as model.experts is 8 (default)"
            ]
        )
        #expect(
            sweepProblems("config: a.yaml\nset: {workload.exponent: 1}") == [
                "conf/s.yaml:2:7: workload.exponent: does not apply: it applies when workload.distribution is zipf or "
                    + "power-law, but workload.distribution is uniform (default)"
            ]
        )
    }

    @Test("leave an option out of the points whose router does not read it")
    func readers() throws {
        let grid = "grid: {router.kind: [switch, noisy-top-k, expert-choice], router.bias_rate: [0, 0.1]}"
        let plan = try plan("config: a.yaml\nset: {router.noise_epsilon: 0.5, router.z_loss: 0.1}\n\(grid)")
        // Points that then have the same configuration are one.
        #expect(
            values(plan) == [
                ["switch", "0"], ["switch", "0.1"], ["noisy-top-k", nil], ["expert-choice", nil],
            ]
        )
        #expect(plan.points[1].resolved.plan.router.options.biasRate == 0.1)
        #expect(plan.points[2].resolved.plan.router.options.noiseEpsilon == 0.5)
        #expect(
            plan.points.map { $0.overrides.map(\.key) } == [
                ["router.z_loss", "router.kind", "router.bias_rate"],
                ["router.z_loss", "router.kind", "router.bias_rate"],
                ["router.noise_epsilon", "router.kind"], ["router.kind"],
            ]
        )
        let drops = try self.plan(
            "config: a.yaml\ngrid: {router.drop: [none, position], router.capacity_factor: [1, 2]}"
        )
        #expect(values(drops) == [["none", nil], ["position", "1"], ["position", "2"]])
    }

    @Test("leave keys of the configuration out where what they depend on is varied")
    func keysOfTheConfiguration() throws {
        let base = "router: {kind: noisy-top-k, noise_epsilon: 0.5}\nworkload: {distribution: zipf, exponent: 2}"
        let routers = try plan("config: a.yaml\ngrid: {router.kind: [noisy-top-k, switch]}", over: base)
        #expect(routers.points.map(\.leavesOutOfFile) == [false, true])
        #expect(routers.points.map { $0.resolved.plan.router.options.noiseEpsilon } == [0.5, nil])
        let distributions = try plan("config: a.yaml\ngrid: {workload.distribution: [zipf, uniform]}", over: base)
        #expect(distributions.points.map(\.leavesOutOfFile) == [false, true])
        // What no point reads is as wrong as without a sweep.
        #expect(
            sweepProblems("config: a.yaml\ngrid: {router.kind: [switch, mixtral]}", over: base) == [
                "a.yaml:1:29: router.noise_epsilon: does not apply: it applies when router.kind is noisy-top-k or "
                    + "hierarchical, but router.kind is switch (conf/s.yaml:2)"
            ]
        )
        #expect(
            sweepProblems("config: a.yaml\ngrid: {run.steps: [1, 2]}", over: "router: {noise_epsilon: 1}").count == 1
        )
    }

    @Test("refuse a value that no point reads, at its place")
    func unread() {
        #expect(
            sweepProblems("config: a.yaml\nset:\n  router.noise_epsilon: 0.5\ngrid: {router.kind: [switch, mixtral]}")
                == [
                    "conf/s.yaml:3:3: router.noise_epsilon: does not apply: it applies when router.kind is noisy-top-k or "
                        + "hierarchical, but router.kind is switch (conf/s.yaml:4)"
                ]
        )
        // An entry of a list says all of its points.
        let list =
            "list:\n  - {router.kind: noisy-top-k, router.noise_epsilon: 1}\n  - {router.kind: switch, router.noise_epsilon: 2}"
        #expect(
            sweepProblems("config: a.yaml\n\(list)").map { String($0.prefix(44)) } == [
                "conf/s.yaml:4:27: router.noise_epsilon: does"
            ]
        )
    }

    @Test("have no point twice")
    func same() {
        #expect(
            sweepProblems("config: a.yaml\nlist:\n  - {run.steps: 5}\n  - {run.steps: 5}") == [
                "conf/s.yaml:4:6: points 1 and 2 of the sweep have the same configuration, allowed: once"
            ]
        )
    }

    @Test("have one point to hold the others against")
    func ambiguous() {
        let list = "  - {cluster.workers: 1, workload.tokens: 8}\n  - {cluster.workers: 1, workload.tokens: 16}"
        #expect(
            sweepProblems("config: a.yaml\nideal: weak\nlist:\n\(list)") == [
                "conf/s.yaml:5:6: ideal: more than one point with cluster.workers 1 to hold others against, allowed: one"
            ]
        )
    }

    @Test("keep a place for keys that some points do not read")
    func keysOfSome() throws {
        let plan = try plan(
            "config: a.yaml\nset: {router.capacity_factor: 2}\ngrid: {router.drop: [none, position]}"
        )
        #expect(plan.keysOfSome == ["router.capacity_factor"] && plan.file.keys == ["router.drop"])
        #expect(plan.points.map { $0.set.map(\.text) } == [[nil], ["2"]])
        // The keys of the configuration are shown as those of set are; what all points read is not.
        let base = "router: {kind: noisy-top-k, noise_epsilon: 0.5}"
        let routers = try self.plan(
            "config: a.yaml\nset: {run.steps: 3}\ngrid: {router.kind: [noisy-top-k, switch]}",
            over: base
        )
        #expect(routers.keysOfSome == ["router.noise_epsilon"])
        #expect(routers.points.map { $0.set.map(\.text) } == [["0.5"], [nil]])
        #expect(try self.plan("config: a.yaml\ngrid: {run.steps: [1, 2]}").keysOfSome == [])
    }
}
