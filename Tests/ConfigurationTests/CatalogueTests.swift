import Foundation
import MoE
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
        #expect(catalogue.models.count == 50)
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
        #expect(checked == 45)
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

    @Test("a rule of this version is claimed only for what it does")
    func rules() {
        for (name, facts) in catalogue.models {
            let router = facts.router
            switch router.rule {
            case .softmaxTopK:
                #expect(router.score == "softmax" && router.normalize != nil, "\(name)")
                #expect(router.groups ?? 1 == 1 && router.hierarchy == nil && router.logitBias == nil, "\(name)")
                #expect(router.secondChoice == nil && router.biasStep == nil, "\(name)")
            case .noisyTopK:
                #expect(router.score == "noisy top-k then softmax" && router.hierarchy == nil, "\(name)")
                #expect(router.importanceLoss != nil && router.loadLoss != nil, "\(name)")
            case .other: #expect(router.summary != nil, "\(name)")
            case nil: Issue.record("\(name) has no rule")
            }
        }
    }

    @Test("every model can be run once its open choices are made, and not before")
    func usable() throws {
        let answers = [
            "router.kind": "softmax-top-k", "router.normalize": "true", "router.scale": "1", "router.drop": "none",
            "router.top_k": "1", "model.shared_ffn": "0", "model.expert_ffn": "64", "model.experts": "65535",
            "model.activation": "relu", "model.hidden": "64",
        ]
        for (name, facts) in catalogue.models {
            let preset = Preset(name: name, file: catalogue.file, facts: facts)
            var open = Set(preset.choices.flatMap(\.keys))
            #expect(facts.router.rule != .other || open.contains("router.kind"), "\(name)")
            let early = problems { () throws(ConfigurationError) in _ = try self.resolve(preset, []) }
            #expect(early.isEmpty == (open.isEmpty && facts.experts ?? 0 < 65536), "\(name): \(early)")
            if facts.experts ?? 0 >= 65536 {
                open.insert("model.experts")
            }
            let chosen = try resolve(preset, open.map { "\($0)=\(answers[$0] ?? "")" }).configuration
            #expect(chosen.model.layers == facts.moeLayers, "\(name)")
            #expect(open.contains("router.top_k") || chosen.router.topK == facts.topK, "\(name)")
        }
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
        #expect(deepseek.router.rule == .other && deepseek.router.scale == 2.5 && deepseek.router.topGroups == 4)
        let mixtral = try #require(catalogue.models["mixtral-8x7b"])
        #expect(mixtral.router.rule == .softmaxTopK && mixtral.router.normalize == true)
        #expect(catalogue.models["olmoe-1b-7b"]?.router.normalize == false)
        #expect(catalogue.models["grok-1"]?.activation == .geglu)
        #expect(catalogue.models["gpt-oss-20b"]?.activation == .clampedSwiglu)
        #expect(catalogue.models["glam-64b-64e"]?.activation == .gelu)
        #expect(catalogue.models["loss-free-1b"]?.expertFfn == nil)
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
                #"c.yaml:7:14: models.a.router.rule: found "best", allowed: softmax-top-k, noisy-top-k or other"#,
                "c.yaml:7:26: models.a.router.norm: unknown key, did you mean router.normalize?",
                "c.yaml:2:3: models.a.router.rule: missing, allowed: softmax-top-k, noisy-top-k or other",
                #"c.yaml:8:3: models: found "B" with a mapping, allowed: a name in lower-case letters, digits, "#
                    + "points and dashes, with a mapping",
                #"c.yaml:9:1: found "extra", allowed: models: with one mapping per model"#,
            ]
        )
        let list = problems { () throws(ConfigurationError) in _ = try Catalogue(yaml: "models: []", file: "c.yaml") }
        #expect(list == ["c.yaml:1:1: found a list, allowed: models: with one mapping per model"])
    }
}
