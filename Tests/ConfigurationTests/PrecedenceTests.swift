import ConfigurationSupport
import MoE
import Runtime
import Settings
import Testing
import Workloads

@testable import Configuration

@Suite("Which source wins")
struct PrecedenceTests {
    /// The sources that give `model.layers`, weakest first, with the value that each gives.
    private static let sources: [(value: Int, source: Source)] = [
        (4, .builtIn),
        (6, .preset("plain-8x2", file: "models.yaml")),
        (11, .file("a.yaml", line: 3, column: 3)),
        (12, .environment("EPSIM_MODEL_LAYERS")),
        (13, .flag("--layers")),
    ]

    @Test("the strongest of the sources that give a value wins, for every set of sources", arguments: 0..<16)
    func everySet(_ present: Int) throws {
        let hasPreset = present & 1 != 0
        let fromFile = present & 2 != 0 ? "  layers: 11" : "  dtype: f32"
        let yaml = "model:\n  \(hasPreset ? "preset: plain-8x2" : "dtype: f32")\n"
        let rest = hasPreset || present & 2 != 0 ? fromFile : ""
        let resolved = try resolve(
            yaml + rest,
            environment: present & 4 != 0 ? ["EPSIM_MODEL_LAYERS": "12"] : [:],
            flags: present & 8 != 0 ? [Override(key: "model.layers", value: "13", flag: "--layers")] : []
        )
        let strongest = Self.sources[(0..<4).last { present & 1 << $0 != 0 }.map { $0 + 1 } ?? 0]
        #expect(resolved.plan.model.layers == strongest.value)
        #expect(resolved.values.first { $0.key == "model.layers" }?.source == strongest.source)
    }

    @Test("a preset gives the shape and the router")
    func preset() throws {
        let configuration = try resolve("model: {preset: plain-8x2}").plan
        var expected = RunPlan()
        expected.model.preset = "plain-8x2"
        expected.model.layers = 6
        expected.model.hidden = 64
        expected.model.experts = 8
        expected.model.expertFfn = 96
        expected.model.activation = .geglu
        expected.model.sharedFfn = 32
        expected.router.options.topK = 2
        expected.router.options.normalize = false
        expected.router.options.scale = 16
        expected.run.out = "/cwd/runs"
        #expect(configuration == expected)
        #expect(configuration.modelShape.sharedExpert?.ffn == 32)
        #expect(configuration.modelShape.routedParameterCount == 6 * 8 * 3 * 64 * 96)
    }

    @Test("a preset may come from the environment or a flag")
    func presetElsewhere() throws {
        let fromEnvironment = try resolve("run: {steps: 3}", environment: ["EPSIM_MODEL_PRESET": "plain-8x2"])
        #expect(fromEnvironment.plan.model.hidden == 64)
        let fromFlag = try resolve("model: {preset: noisy-4}", set: ["model.preset=plain-8x2"])
        #expect(fromFlag.plan.router.kind == "softmax-top-k")
        #expect(fromFlag.plan.model.hidden == 64)
    }

    @Test("a preset with noisy top-k gives its rule and its losses; what does not apply to another rule is left out")
    func noisyPreset() throws {
        let router = try resolve("model: {preset: noisy-4}\ncluster: {workers: 2}").plan.router
        #expect(router.kind == "noisy-top-k")
        #expect(router.options.topK == 3)
        #expect(router.options.importanceLoss == 0.3)
        #expect(router.options.loadLoss == 0.4)
        let other = try resolve("model: {preset: plain-8x2}\nrouter: {kind: noisy-top-k}")
        #expect(other.plan.router.options.scale == nil)
        #expect(!other.values.contains { $0.key == "router.scale" })
    }

    @Test("relative paths start at their file, or at the working directory")
    func paths() throws {
        let inFile = try resolve("workload: {kind: text, path: ../x/./a.txt}\nrun: {out: ./o}").plan
        #expect(inFile.workload.path == "/conf/../x/./a.txt")
        #expect(inFile.run.out == "/conf/o")
        let set = try resolve("workload: {kind: text}", set: ["workload.path=a.txt", "run.out=."]).plan
        #expect(set.workload.path == "/cwd/a.txt")
        #expect(set.run.out == "/cwd")
        let absolute = try resolve("run: {out: /tmp/r}", environment: [:]).plan
        #expect(absolute.run.out == "/tmp/r")
        #expect(try resolve("run: {steps: 1}").plan.run.out == "/cwd/runs")
        let variable = try resolve("run: {steps: 1}", environment: ["EPSIM_RUN_OUT": "there"])
        #expect(variable.plan.run.out == "/cwd/there")
    }
}
