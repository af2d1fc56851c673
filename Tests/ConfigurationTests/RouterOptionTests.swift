import ConfigurationSupport
import MoE
import Runtime
import Settings
import Testing

@testable import Configuration

@Suite("Options of routers")
struct RouterOptionTests {
    private func rule(_ settings: String...) throws -> TopKRule {
        let router = try resolve("run: {steps: 1}\nmodel: {experts: 16}", set: settings.map { "router.\($0)" })
        return try #require(try router.plan.makeRouter() as? TopKRouter).rule
    }

    private func said(_ router: String, _ rest: String = "model: {experts: 16}") -> [String] {
        problems(of: "router: {\(router)}\n\(rest)")
    }

    @Test("the capacity of a trace is in the unit of its replay, whatever the unit of router.kind")
    func capacityOfATrace() throws {
        let yaml = """
            router: {kind: switch-transformers, top_k: 2, drop: position, capacity_factor: 1.25}
            model: {experts: 8}
            workload: {kind: trace, path: t}
            """
        let configuration = try resolve(yaml).plan
        #expect(try configuration.copiesPerToken() == 2)
        let replay = try #require(try configuration.makeRouter() as? ReplayRouter)
        #expect(replay.capacity?.size == .copies(1.25))
    }

    @Test("every router can be named, and routes as its row does when nothing is set")
    func names() throws {
        for entry in RouterCatalogue.entries {
            let workload =
                entry.needs.contains(.recordedChoices)
                ? "{kind: trace, path: t}" : entry.needs.contains(.tokenIDs) ? "{kind: text, path: t}" : "{}"
            let needed = entry.reads(\.command) ? ", command: [python3, my router.py]" : ""
            var options = RouterOptions()
            options.command = needed.isEmpty ? nil : ["python3", "my router.py"]
            let yaml = "router: {kind: \(entry.name)\(needed)}\nmodel: {experts: 256}\nworkload: \(workload)"
            let configuration = try resolve(yaml).plan
            #expect(configuration.router.options == options, "\(entry.name)")
            let router = try configuration.makeRouter()
            if let rule = entry.rule { #expect((router as? TopKRouter)?.rule == rule, "\(entry.name)") }
            #expect(try configuration.copiesPerToken() == router.mostCopies(experts: 256), "\(entry.name)")
        }
    }

    @Test("a name that no router has")
    func unknown() {
        #expect(
            said("kind: mixtrel") == [
                #"a.yaml:1:10: router.kind: found "mixtrel", did you mean mixtral? allowed: the name of a router "#
                    + "(listed by epsim config routers)"
            ]
        )
    }

    @Test("options change what they say and nothing else")
    func values() throws {
        var expected = try #require(RouterCatalogue.entry(named: "mesh-top-2")?.rule)
        expected.capacity = CapacityRule(
            size: .slots(6),
            minimum: 2,
            rounding: .nearest,
            multiple: 3,
            order: .batchPrioritised,
            scope: .groups,
            group: 64,
            overflow: .nextChoices(2)
        )
        expected.further = .threshold(0.2)
        expected.normalization?.moment = .afterDrop
        let made = try rule(
            "kind=mesh-top-2",
            "drop=batch-prioritised",
            "capacity_of=slots",
            "capacity_factor=6",
            "min_capacity=2",
            "capacity_rounding=nearest",
            "capacity_multiple=3",
            "capacity_scope=groups",
            "capacity_group=64",
            "next_choices=2",
            "further=threshold",
            "normalize_moment=after-drop"
        )
        #expect(made == expected)
        #expect(try rule("kind=mesh-top-2", "further=none").further == FurtherChoices.none)
        #expect(try rule("kind=olmoe", "further=random", "further_threshold=0.3").further == .random(threshold: 0.3))
        #expect(try rule("kind=switch", "next_choices=0").capacity?.overflow == .drop)
        #expect(try rule("kind=switch", "training=false").inputJitter == nil)
        #expect(try rule("block_rows=64", "softcap=20", "noise_std=0.5").blockRows == 64)
    }

    @Test("a router that drops nothing drops by the standard rule when it is told to")
    func standard() throws {
        #expect(try rule("drop=position").capacity == CapacityRule(factor: 1.25, minimum: 4))
        #expect(
            try rule("drop=random", "capacity_factor=2").capacity == CapacityRule(factor: 2, minimum: 4, order: .random)
        )
        #expect(try rule("kind=switch", "drop=none").capacity == nil)
    }

    @Test("losses are changed where the family has them, and added where it has not")
    func losses() throws {
        let made = try rule("kind=olmoe", "aux_loss=0.5", "importance_loss=0.1", "device_loss=0.2", "devices=4")
        #expect(
            made.losses == [
                LossTerm(.switchAuxiliary(.one), 0.5), LossTerm(.routerZ, 0.001), LossTerm(.importance, 0.1),
                LossTerm(.device(4), 0.2),
            ]
        )
        let biased = try rule("bias_rate=0.01", "bias_update=error", "bias_form=multiplied")
        #expect(biased.bias == SelectionBias(form: .multiplied, update: .error, rate: 0.01))
    }

    @Test(
        "an option that would be ignored is refused",
        arguments: [
            ("kind: base, top_k: 2", "router.kind reads it, but router.kind is base (a.yaml:1)"),
            ("kind: noisy-top-k, next_choices: 2", "router.kind reads it, but router.kind is noisy-top-k (a.yaml:1)"),
            ("hashes: 2", "router.kind is hash-multiple, but router.kind is softmax-top-k (default)"),
            ("load_loss: 1", "router.kind is noisy-top-k or hierarchical, but router.kind is softmax-top-k (default)"),
            ("min_capacity: 2", "copies are dropped (router.drop), but router.kind is softmax-top-k (default)"),
            (
                "kind: switch, drop: none, capacity_factor: 2",
                "copies are dropped (router.drop), but router.drop is none (a.yaml:1)"
            ),
            (
                "normalize_moment: after-drop, normalize: false",
                "weights are divided (router.normalize), but router.normalize is false (a.yaml:1)"
            ),
            (
                "kind: olmoe, normalize_power: 2",
                "weights are divided (router.normalize), but router.kind is olmoe (a.yaml:1)"
            ),
            (
                "drop: position, capacity_group: 8",
                "router.capacity_scope is groups, but router.capacity_scope is as router.kind has it (default)"
            ),
            (
                "further: sampling, further_threshold: 0.5",
                "router.further has a threshold, but router.further is sampling (a.yaml:1)"
            ),
            (
                "devices: 4",
                "there is a device_factor, device_loss or communication_loss, but router.kind is softmax-top-k (default)"
            ),
            ("jitter: 0.1, training: false", "router.training is true, but router.training is false (a.yaml:1)"),
            ("bias_update: error", "router.bias_rate is above 0, but router.kind is softmax-top-k (default)"),
            (
                "bias_form: multiplied",
                "there is a selection bias (router.bias_rate), but router.kind is softmax-top-k (default)"
            ),
        ]
    )
    func refused(_ router: String, _ reason: String) {
        let found = said(router)
        #expect(found.count == 1 && found[0].hasSuffix("does not apply: it applies when \(reason)"), "\(found)")
    }

    @Test("what a trace replays reads no rule, but a capacity")
    func traces() throws {
        let trace = "workload: {kind: trace, path: t}"
        #expect(
            said("kind: mixtral, scale: 2", trace) == [
                "a.yaml:1:25: router.scale: does not apply: it applies when router.kind reads it, "
                    + "but workload.kind is trace (a.yaml:2)"
            ]
        )
        let configuration = try resolve("router: {kind: mixtral, drop: position}\n\(trace)").plan
        let replay = try #require(try configuration.makeRouter() as? ReplayRouter)
        #expect(replay.topK == 2 && replay.capacity == .standard)
        #expect(try resolve(trace).plan.copiesPerToken() == 2)
    }

    @Test(
        "numbers that do not fit the model name key, value, bound and source",
        arguments: [
            (
                "kind: deepseek-v3, groups: 3, groups_kept: 2",
                "a.yaml:1:29: router.groups: found 3, allowed: a number that divides the experts, "
                    + "as model.experts is 16 (a.yaml:2)"
            ),
            (
                "kind: deepseek-v3, groups: 4, groups_kept: 5",
                "a.yaml:1:40: router.groups_kept: found 5, allowed: at most 4, as router.groups is 4 (a.yaml:1)"
            ),
            (
                "kind: deepseek-v3, top_k: 9, groups: 4, groups_kept: 2",
                "a.yaml:1:29: router.top_k: found 9, allowed: at most 8, as 2 of 4 groups hold no more"
            ),
            (
                "device_loss: 0.1, devices: 5",
                "a.yaml:1:28: router.devices: found 5, allowed: a number that divides the experts, "
                    + "as model.experts is 16 (a.yaml:2)"
            ),
            (
                "device_loss: 0.1",
                "a.yaml:1:10: router.devices: missing, required when router.device_loss is 0.1 (a.yaml:1), "
                    + "allowed: a number that divides 16 experts"
            ),
            (
                "kind: hierarchical, hierarchy_groups: 5",
                "a.yaml:1:30: router.hierarchy_groups: found 5, allowed: a number that divides the experts, "
                    + "as model.experts is 16 (a.yaml:2)"
            ),
            (
                "kind: hierarchical, hierarchy_groups: 8, top_k: 3",
                "a.yaml:1:51: router.top_k: found 3, allowed: at most 2, "
                    + "as 8 groups of 2 experts have no more on a level"
            ),
            (
                "drop: position, capacity_of: slots",
                "a.yaml:1:26: router.capacity_of: the capacity factor is 1.25 of slots; "
                    + "allowed is a whole number above 0"
            ),
            (
                "drop: position, capacity_scope: groups",
                "a.yaml:1:26: router.capacity_group: missing, required when router.capacity_scope is groups "
                    + "(a.yaml:1), allowed: an integer from 1 to 16777216"
            ),
            (
                "kind: hash",
                "a.yaml:1:10: router.kind: found hash, which needs token ids, allowed: with workload.kind text or "
                    + "activations; workload.kind is synthetic (default)"
            ),
            (
                "kind: replay",
                "a.yaml:1:10: router.kind: found replay, which needs recorded choices, allowed: with workload.kind "
                    + "trace or loads; workload.kind is synthetic (default)"
            ),
        ]
    )
    func fits(_ router: String, _ problem: String) {
        #expect(said(router) == [problem])
    }

    @Test("a router's own number names the router")
    func ownNumbers() {
        #expect(
            said("kind: olmoe", "model: {experts: 4}") == [
                "a.yaml:1:10: router.top_k: found 8 (as olmoe has it), allowed: at most 4, "
                    + "as model.experts is 4 (a.yaml:2)"
            ]
        )
        #expect(
            said("kind: deepseek-v3", "model: {experts: 12}") == [
                "a.yaml:1:10: router.groups: found 8 (as deepseek-v3 has it), allowed: a number that divides the "
                    + "experts, as model.experts is 12 (a.yaml:2)"
            ]
        )
        #expect(
            said("kind: base", "workload: {tokens: 30}") == [
                "a.yaml:2:12: workload.tokens: found 30, allowed: a multiple of 8, as model.experts is 8 (default) "
                    + "and router.kind is base (a.yaml:1)"
            ]
        )
        #expect(said("kind: base, training: false", "workload: {tokens: 30}").isEmpty)
    }

    @Test("the section can be resolved alone")
    func alone() throws {
        let flags = [try Override(set: "router.kind=hash-multiple"), try Override(set: "router.hashes=4")]
        let router = try ConfigurationLoader.router(flags, experts: 16, of: "a.safetensors")
        #expect(router.kind == "hash-multiple" && router.options.hashes == 4)
        let found = problems { () throws(ConfigurationError) in
            _ = try ConfigurationLoader.router(flags, experts: 6, of: "a.safetensors")
        }
        #expect(
            found == [
                "flag --set: router.hashes: found 4, allowed: a number that divides the experts, "
                    + "as model.experts is 6 (a.safetensors)"
            ]
        )
        let other = problems { () throws(ConfigurationError) in
            _ = try ConfigurationLoader.router([Override(set: "run.steps=3")], experts: 6, of: "x")
        }
        #expect(other == ["flag --set: run.steps: found a key of another section, allowed: keys of router"])
        let logits = problems { () throws(ConfigurationError) in
            _ = try ConfigurationLoader.router([Override(set: "router.logit_std=3")], experts: 6, of: "x")
        }
        #expect(logits.first?.hasPrefix("flag --set: router.logit_std: does not apply: a run reads it") == true)
    }
}
