import ConfigurationSupport
import Foundation
import MoE
import Runtime
import Settings
import TestSupport
import Testing

@testable import Configuration

@Suite("The catalogue of published models")
struct CatalogueTests {
    private let catalogue: Catalogue

    init() throws {
        let file = "\(shippedConfigurations)/models/catalogue.yaml"
        catalogue = try Catalogue(yaml: TextFile.read(file), file: file)
    }

    @Test("every model is there")
    func count() {
        #expect(catalogue.models.count == 88)
    }

    @Test("the parameters of the routed experts follow from the sizes")
    func parameters() throws {
        var checked = 0
        for (name, facts) in catalogue.models {
            guard let total = facts.computedExpertTotal else { continue }
            let hidden = try #require(facts.hidden)
            let width = try #require(facts.expertFfn)
            let layers = try #require(facts.moeLayers)
            let experts = try #require(facts.experts)
            let matrices = try #require(facts.activation).isGated ? 3 : 2
            let biases = facts.expertBiases == true ? (matrices - 1) * width + hidden : 0
            #expect(total == layers * experts * (matrices * hidden * width + biases), "\(name)")
            checked += 1
        }
        #expect(checked == 82)
    }

    @Test("the published totals agree with the computed ones within a twentieth")
    func publishedTotals() throws {
        for (name, facts) in catalogue.models {
            guard let text = facts.publishedTotal, let computed = facts.computedTotal else { continue }
            let number = try #require(Double(text.prefix { $0.isNumber || $0 == "." }))
            let unit = try #require(["M": 1e6, "B": 1e9, "T": 1e12][text.first { $0.isLetter } ?? " "])
            #expect(abs(Double(computed) / (number * unit) - 1) < 0.05, "\(name)")
        }
    }

    @Test("the router of a model is published as the facts say")
    func rules() throws {
        for (name, facts) in catalogue.models {
            let router = facts.router
            let entry = try #require(RouterCatalogue.entry(named: router.rule ?? ""), "\(name)")
            let (options, score) = (router.options, router.remarks["score"])
            guard let rule = entry.rule else {
                #expect(options.scale == nil && options.normalize == nil, "\(name)")
                continue
            }
            // The general rule belongs to no model: a model that names it says itself whether it divides.
            if let normalize = options.normalize, router.rule != "softmax-top-k" {
                #expect(normalize == (rule.normalization != nil), "\(name)")
            }
            #expect(options.groups ?? 1 == rule.groups?.groups ?? 1, "\(name)")
            #expect(options.groupsKept ?? 1 == rule.groups?.kept ?? 1, "\(name)")
            #expect(options.biasRate == nil || options.biasRate == rule.bias?.rate, "\(name)")
            #expect(score?.hasPrefix("sigmoid") == (rule.score == .sigmoid), "\(name)")
            #expect(score?.contains("over top-k logits") == (rule.score == .softmaxOfChosen), "\(name)")
            #expect(options.capacityFactor == nil || rule.capacity != nil || options.drop != nil, "\(name)")
            let isScaled = options.scale.map { $0 == rule.scale } ?? true
            #expect(isScaled || ["glm-4.5-air", "glm-4.7-flash"].contains(name), "\(name)")
        }
    }

    @Test(
        "every model makes its router once its unpublished sizes are chosen, and not before",
        arguments: [true, false]
    )
    func usable(isTraining: Bool) throws {
        let answers = [
            "router.top_k": "1", "model.shared_ffn": "64", "model.expert_ffn": "64", "model.experts": "16384",
            "model.activation": "relu", "model.hidden": "64", "router.devices": "4", "router.hierarchy_groups": "16",
        ]
        for (name, facts) in catalogue.models {
            let preset = Preset(name: name, file: catalogue.file, facts: facts)
            let isTooLarge = facts.experts ?? 0 > 1_048_576
            let entry = RouterCatalogue.entry(named: facts.router.rule ?? "")
            let open = Set(preset.open).subtracting(entry?.reads(\.topK) == true ? [] : ["router.top_k"])
            let early = problems { () throws(ConfigurationError) in _ = try self.resolve(preset, []) }
            #expect(early.isEmpty == (open.isEmpty && !isTooLarge), "\(name): \(early)")
            var choices = open.union(isTooLarge ? ["model.experts"] : []).map { "\($0)=\(answers[$0] ?? "")" }
            if entry?.needs.contains(.tokenIDs) == true {
                choices += ["workload.kind=text", "workload.path=\(packageFolder("LICENSE"))"]
            }
            if entry?.reads(\.training) == true { choices.append("router.training=\(isTraining)") }
            let chosen = try resolve(preset, choices).plan
            #expect(chosen.model.layers == facts.moeLayers, "\(name)")
            #expect(chosen.modelShape.hasSharedGate == (facts.sharedGate != nil), "\(name)")
            #expect(chosen.modelShape.denseExpert?.ffn == facts.denseResidualFfn, "\(name)")
            let router = try chosen.makeRouter()
            try router.check(experts: chosen.model.experts)
            guard let topK = facts.topK, facts.router.rule != "strictly-balanced" else { continue }
            #expect(router.mostCopies(experts: chosen.model.experts) == topK, "\(name)")
        }
    }

    @Test("a preset routes as the row of its family does, but for what its own source says")
    func presetsAreRows() throws {
        let same = [
            "mixtral-8x7b", "mixtral-8x22b", "dbrx", "grok-1", "grok-2", "olmoe-1b-7b", "qwen2-57b-a14b", "kimi-k2",
            "glm-4.5", "deepseek-v3", "deepseek-v2-lite", "deepseek-moe-16b", "gpt-oss-20b", "llama4-scout",
            "ernie-4.5-21b-a3b", "st-moe-l", "nllb-moe-54b", "gshard-600b", "glam-64b-64e", "qwen3-30b-a3b",
            "jamba-v0.1", "granite-3.0-1b-a400m", "dmoe-medium", "minimax-m2", "ling-1t", "glm-5", "deepseek-v3.2",
            "longcat-flash",
        ]
        for name in same {
            let facts = try #require(catalogue.models[name])
            let preset = Preset(name: name, file: catalogue.file, facts: facts)
            let made = try resolve(preset, []).plan.makeRouter()
            let rule = try #require(RouterCatalogue.entry(named: facts.router.rule ?? "")?.rule)
            #expect((made as? TopKRouter)?.rule == rule, "\(name)")
        }
        let facts = try #require(catalogue.models["deepseek-v2"])
        let v2 = try resolve(Preset(name: "deepseek-v2", file: catalogue.file, facts: facts), []).plan
        var expected = try #require(RouterCatalogue.entry(named: "deepseek-v2")?.rule)
        expected.deviceDrop = DeviceDrop(devices: 8, factor: 1)
        #expect((try v2.makeRouter() as? TopKRouter)?.rule == expected)
    }

    private func resolve(_ preset: Preset, _ choices: [String]) throws(ConfigurationError) -> ResolvedConfiguration {
        var overrides: [Override] = []
        for choice in ["cluster.workers=1", "model.preset=\(preset.name)"] + choices {
            overrides.append(try Override(set: choice))
        }
        let explicit = try ExplicitSettings(
            yaml: "run: {steps: 1}",
            file: "a.yaml",
            directory: "/conf",
            environment: [:],
            overrides: overrides,
            workingDirectory: "/cwd"
        )
        return try Resolver.resolve(explicit, preset: preset, workingDirectory: "/cwd")
    }

    @Test("facts of models that are used often")
    func spotChecks() throws {
        let deepseek = try #require(catalogue.models["deepseek-v3"])
        #expect(deepseek.hidden == 7168 && deepseek.experts == 256 && deepseek.topK == 8 && deepseek.sharedFfn == 2048)
        #expect(deepseek.router.rule == "deepseek-v3" && deepseek.router.options.groupsKept == 4)
        let mixtral = try #require(catalogue.models["mixtral-8x7b"])
        #expect(mixtral.router.rule == "mixtral" && mixtral.router.options.normalize == true)
        #expect(catalogue.models["olmoe-1b-7b"]?.router.options.normalize == false)
        #expect(catalogue.models["grok-1"]?.activation == .geglu)
        #expect(catalogue.models["gpt-oss-20b"]?.activation == .clampedSwiglu)
        #expect(catalogue.models["glam-64b-64e"]?.activation == .gelu)
        #expect(catalogue.models["loss-free-1b"]?.expertFfn == nil)
        // transformers 5.24: Qwen3NextConfig, Glm4MoeLiteConfig; modeling_hunyuan.py: the weight of one choice is p.
        let next = try #require(catalogue.models["qwen3-next-80b-a3b"])
        #expect(next.experts == 512 && next.topK == 10 && next.sharedGate != nil && next.sharedFfn == 512)
        let hunyuan = try #require(catalogue.models["hunyuan-large"])
        #expect(hunyuan.topK == 1 && hunyuan.router.options.normalize == false)
        #expect(catalogue.models["glm-4.7-flash"]?.router.options.scale == 1.8)
        #expect(catalogue.models["ling-1t"]?.router.options.groups == 8)
    }

    @Test("a catalogue is read as strictly as a configuration")
    func strict() {
        let yaml = """
            models:
              a:
                source: x
                moe_layers: 2
                hiden: 3
                experts: 4 or 8
                router: {rule: best, norm: 2}
              B: {source: x}
            extra: 1
            """
        let found = problems { () throws(ConfigurationError) in _ = try Catalogue(yaml: yaml, file: "c.yaml") }
        #expect(
            found == [
                "c.yaml:5:5: models.a.hiden: unknown key, did you mean hidden?",
                #"c.yaml:6:5: models.a.experts: found "4 or 8", allowed: an integer from 1 to 1000000000"#,
                #"c.yaml:7:14: models.a.router.rule: found "best", did you mean base? allowed: the name of a router "#
                    + "(listed by epsim config routers)",
                "c.yaml:7:26: models.a.router.norm: unknown key, did you mean router.normalize?",
                "c.yaml:2:3: models.a.router.rule: missing, allowed: the name of a router "
                    + "(listed by epsim config routers)",
                #"c.yaml:8:3: models: found "B" with a mapping, allowed: a name in lower-case letters, digits, "#
                    + "points and dashes, with a mapping",
                #"c.yaml:9:1: found "extra", allowed: models: with one mapping per model"#,
            ]
        )
        let list = problems { () throws(ConfigurationError) in _ = try Catalogue(yaml: "models: []", file: "c.yaml") }
        #expect(list == ["c.yaml:1:1: found a list, allowed: models: with one mapping per model"])
    }
}
