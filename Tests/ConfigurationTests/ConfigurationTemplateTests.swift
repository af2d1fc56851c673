import Basics
import ConfigurationSupport
import Foundation
import MoE
import Runtime
import Settings
import TestSupport
import Testing
import Workloads

@testable import Configuration

@Suite("New configurations")
struct ConfigurationTemplateTests {
    private let environment = ["EPSIM_CATALOGUE": "\(shippedConfigurations)/models"]

    /// Writes the file of a draft, and checks that it loads to what the draft stands for.
    @discardableResult
    private func written(_ draft: ConfigurationDraft) throws -> (text: String, plan: RunPlan) {
        let folder = try TemporaryFolder()
        let configuration = try draft.resolved(environment: environment)
        let text = ConfigurationTemplate(configuration).text
        let file = try folder.write(text, as: "new.yaml")
        let loaded = try ConfigurationLoader.load(file: file, environment: environment)
        #expect(loaded.plan == configuration.plan, "\(text)")
        return (text, loaded.plan)
    }

    private func preset(_ name: String, _ others: (String, String)...) -> ConfigurationDraft {
        let all = [("model.preset", name)] + others
        return ConfigurationDraft(settings: all.map { Override(key: $0.0, value: $0.1, flag: "--set") })
    }

    @Test("hold the usual keys, each below its help text")
    func plain() throws {
        let (text, plan) = try written(ConfigurationDraft())
        #expect(plan == RunPlan.atWork)
        let lines = text.split(separator: "\n").map(String.init)
        #expect(lines.allSatisfy { $0.count <= 100 })
        let words = text.split { $0 == "#" || $0.isWhitespace }.joined(separator: " ")
        for key in ConfigurationTemplate.usual {
            let option = try #require(RunPlan.table[key])
            let value = try #require(option.text(RunPlan()))
            #expect(lines.contains("  \(option.name): \(value)"))
            #expect(words.contains("\(option.help) Allowed: \(option.allowed). \(option.name): \(value)"))
        }
        #expect(words.contains("Further keys: transport, endpoint,"))
        #expect(!lines.contains { $0.hasPrefix("hardware:") })
    }

    @Test("of every system load to its laptop size")
    func systems() throws {
        let systems = try ConfigurationLoader.systems(environment: environment).systems.filter(\.isRunnable)
        #expect(systems.count > 50)
        for system in systems {
            let (_, plan) = try written(ConfigurationDraft(system: system.name))
            let run = try ConfigurationLoader.load(
                system: system.name,
                size: .laptop,
                overrides: [],
                environment: environment
            )
            #expect(plan == run.plan, "\(system.name)")
        }
    }

    /// What a preset leaves open has to be chosen, and some routers need other tokens; all others fit.
    @Test("of a model of the catalogue fit a laptop")
    func presets() throws {
        let file = "\(shippedConfigurations)/models/catalogue.yaml"
        let names = try Catalogue(yaml: TextFile.read(file), file: file).models.keys.sorted()
        var refused: [String] = []
        for name in names {
            do {
                let shape = try written(preset(name)).plan.modelShape
                let common = shape.commonExperts.map(\.shape.parameterCount).reduce(0, +) * shape.layers
                #expect((shape.routedParameterCount + common) * 4 <= LaptopSize.mostBytes * 3 / 2, "\(name)")
                #expect(shape.layers <= LaptopSize.mostLayers)
            } catch let error as ConfigurationError {
                let isOpen = error.description.contains("explicitly") || error.description.contains("which needs")
                #expect(isOpen, "\(error)")
                refused.append(name)
            }
        }
        #expect(refused.count * 4 < names.count, "\(refused)")
    }

    @Test("keep the layers and the scale that were chosen")
    func chosen() throws {
        let (text, plan) = try written(preset("mixtral-8x7b", ("model.layers", "2"), ("model.scale", "1/64")))
        #expect(plan.model.layers == 2 && plan.model.hidden == 64 && plan.router.kind == "mixtral")
        #expect(text.contains("\n  scale: \"1/64\"\n") && !text.contains("\n  hidden:"))
    }

    @Test("have texts quoted and paths absolute")
    func texts() throws {
        let folder = try TemporaryFolder()
        let input = try folder.write("hello", as: "a: #b.txt")
        let settings = [("workload.kind", "text"), ("workload.path", input)]
        let (text, plan) = try written(
            ConfigurationDraft(settings: settings.map { Override(key: $0.0, value: $0.1, flag: "--set") })
        )
        #expect(plan.workload.path == input && text.contains("\"\(input)\""))
    }

    @Test("do not hold what the environment gives for one run")
    func variables() throws {
        let variables = environment.merging(["EPSIM_MODEL_LAYERS": "9"]) { $1 }
        #expect(try ConfigurationDraft().resolved(environment: variables).plan.model.layers == 4)
    }

    @Test("are refused with the flag at fault")
    func refused() {
        let draft = ConfigurationDraft(settings: [Override(key: "cluster.workers", value: "9", flag: "--workers")])
        let found = problems { () throws(ConfigurationError) in _ = try draft.resolved(environment: environment) }
        #expect(found.count == 1 && found[0].hasPrefix("flag --workers: cluster.workers: found 9, allowed: at most 8"))
    }

    @Test("of a large model have its widths halved until the weights fit")
    func sizes() {
        func size(_ layers: Int, _ hidden: Int) -> LaptopSize {
            let expert = ExpertShape(hidden: hidden, ffn: 1024, activation: .swiglu)
            return LaptopSize(ModelShape(layers: layers, experts: 8, expert: expert))
        }
        // 4 layers x 8 experts x 3 matrices x hidden x 1024 x 4 bytes: 384 KiB for each unit of width.
        #expect((size(1, 512).layers, size(1, 512).divisor) == (1, 1))
        #expect((size(9, 1365).layers, size(9, 1365).divisor) == (4, 1))
        #expect(size(4, 1366).divisor == 2 && size(4, 1 << 20).divisor == 32)
    }
}

extension RunPlan {
    /// A run with all defaults, with the folder of its results as a resolved configuration has it.
    fileprivate static var atWork: RunPlan {
        var plan = RunPlan()
        plan.run.out = "\(FileManager.default.currentDirectoryPath)/runs"
        return plan
    }
}
