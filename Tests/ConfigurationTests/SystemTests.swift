import Basics
import Cluster
import ConfigurationSupport
import CostModel
import MoE
import Runtime
import Settings
import TestSupport
import Testing
import Workloads

@testable import Configuration

@Suite("Systems of the field's history")
struct SystemTests {
    private static let shipped = (try? ConfigurationLoader.systems(environment: environment))?.systems ?? []
    private static let environment = ["EPSIM_CATALOGUE": packageFolder("configs/models")]

    private func resolve(
        _ system: MoESystem,
        _ size: SystemSize,
        _ overrides: [Override] = []
    ) throws -> ResolvedConfiguration {
        var catalogues = KnownCatalogues()
        return try ConfigurationLoader.load(
            system: system,
            size: size,
            overrides: overrides,
            environment: Self.environment,
            catalogues: &catalogues
        )
    }

    @Test("come in the order of their publication, each name once")
    func order() {
        #expect(Self.shipped.count >= 60)
        #expect(Self.shipped.map(\.year) == Self.shipped.map(\.year).sorted())
        let names = Self.shipped.flatMap { [$0.name] + $0.aliases }
        #expect(Set(names).count == names.count)
    }

    @Test("resolve to a laptop's size, and where there is a preset to the published one", arguments: shipped)
    func sizes(system: MoESystem) throws {
        guard system.isRunnable else {
            let error = #expect(throws: ConfigurationError.self) { try resolve(system, .laptop) }
            #expect(error?.description.contains("which epsim does not run: ") == true)
            return
        }
        let laptop = try resolve(system, .laptop).plan
        let weights = laptop.modelShape.layers * laptop.modelShape.experts * laptop.modelShape.expert.parameterCount
        #expect(weights * 4 < 1 << 30, "\(system.name) holds \(weights) weights")
        guard system.preset != nil else {
            let error = #expect(throws: ConfigurationError.self) { try resolve(system, .published) }
            #expect(error?.description.contains("whose published sizes are in no preset") == true)
            return
        }
        let published = try resolve(system, .published).plan
        #expect(published.model.hidden >= laptop.model.hidden)
        #expect(published.cluster.workers == min(64, published.model.experts))
        #expect(
            published.workload.tokens == 128 * published.cluster.workers && published.hardware.kernel == .lowLatency
        )
    }

    /// Those of 1994 and 2013 and the one of lectures have no such size, and no table of S-BASE was at hand.
    @Test("have published sizes, all that epsim runs but four")
    func presets() {
        let without = Self.shipped.filter { $0.isRunnable && $0.preset == nil }.map(\.name)
        #expect(without == ["hme-1994", "deep-mixture-2013", "keep-top-k", "s-base"])
    }

    /// 1,024 tokens a step for each, so that loads may be compared.
    @Test("run with as many tokens as each other")
    func tokens() throws {
        for system in Self.shipped where system.isRunnable {
            #expect(try resolve(system, .laptop).plan.workload.tokens == 1024, "\(system.name)")
        }
    }

    @Test("give way to the tokens that a person wants", arguments: ["workload.tokens", "workload.tokens_per_rank"])
    func givenTokens(key: String) throws {
        let system = try #require(Self.shipped.first { $0.name == "deepseek-v3" })
        let given = Override(key: key, value: "65536", flag: "--set")
        let plan = try resolve(system, .published, [given]).plan
        #expect(plan.workload.tokens == (key == "workload.tokens" ? 65536 : 65536 * 64))
        #expect(plan.hardware.kernel == .normal)
        let kernel = Override(key: "hardware.kernel", value: "normal", flag: "--set")
        #expect(try resolve(system, .published, [kernel]).plan.workload.tokens == 128 * 64)
    }

    @Test(
        "are found by what people type",
        arguments: [
            ("deepseek-r1", "deepseek-r1"), ("DeepSeek V3", "deepseek-v3"), ("arctic", "arctic"), ("grok-3", "grok-3"),
            ("Mixtral-8x7B", "mixtral-8x7b"), ("gpt_oss.120b", "gpt-oss-120b"), ("kimi-k2", "kimi-k2"),
            ("glm4.5", "glm-4-5"), ("ExpertChoice", "expert-choice"),
        ]
    )
    func names(typed: String, name: String) throws {
        #expect(try ConfigurationLoader.systems(environment: Self.environment).system(named: typed).name == name)
    }

    @Test("that nobody knows are errors with the nearest names")
    func unknown() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try ConfigurationLoader.systems(environment: Self.environment).system(named: "qwen3")
        }
        let words = error?.description ?? ""
        #expect(words.hasPrefix("flag --system: found \"qwen3\", did you mean qwen3-30b-a3b, "))
        #expect(words.hasSuffix("? allowed: a system of 'epsim systems'"))
    }

    @Test("are read strictly")
    func strict() {
        let row =
            "name: a, title: A, year: 2020, idea: i, balance: b, drops: d, formula: f, new: n, cost: c, sources: s"
        func said(_ yaml: String) -> [String] {
            problems { () throws(ConfigurationError) in _ = try SystemCatalogue(yaml: yaml, file: "s.yaml") }
        }
        #expect(said("systems:\n- {\(row)}") == [])
        #expect(said("systems:\n- {\(row), colour: red}").first?.contains("systems.colour") == true)
        #expect(said("systems:\n- {name: a}").contains { $0.contains("systems.title: missing") })
        #expect(
            said("systems:\n- {\(row)}\n- {\(row)}") == [
                "s.yaml:3:3: systems.name: found \"a\" a second time, allowed: each name once"
            ]
        )
        #expect(said("systems: 3") == ["s.yaml:1:1: found 3, allowed: systems: with a list of systems"])
        #expect(said("models: []") == ["s.yaml:1:1: found \"models\", allowed: systems: with a list of systems"])
    }

    @Test("scale every width of a preset, rounded, and nothing that somebody gives")
    func scale() throws {
        let yaml = "model: {preset: plain-8x2, scale: 1/16, expert_ffn: 40}"
        let model = try ConfigurationSupport.resolve(yaml, set: []).plan.model
        #expect(model.hidden == 4 && model.sharedFfn == 2 && model.expertFfn == 40)
        #expect(WidthScale.one.of(7) == 7)
        let message = problems(of: "model: {preset: plain-8x2, scale: 0.1}").first
        #expect(message?.contains("allowed: a fraction such as 1/16, or a whole number") == true)
        let alone = problems(of: "model: {scale: 1/2}").first
        #expect(alone?.contains("does not apply: it applies when model.preset is given") == true)
    }

    @Test("more than 65,535 experts are allowed")
    func manyExperts() throws {
        let plan = try ConfigurationSupport.resolve("model: {experts: 131072}", set: []).plan
        #expect(plan.model.experts == 131_072)
    }
}
