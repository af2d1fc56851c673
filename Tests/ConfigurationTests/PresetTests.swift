import ConfigurationSupport
import MoE
import Runtime
import Testing

@testable import Configuration

@Suite("Presets that leave something to choose")
struct PresetTests {
    @Test("an unknown model names the nearest one")
    func unknown() {
        #expect(
            problems(of: "model: {preset: plain-8x3}") == [
                #"a.yaml:1:9: model.preset: found "plain-8x3", did you mean plain-8x2? allowed: a model of models.yaml"#
            ]
        )
        #expect(
            problems(of: "model: {preset: something else}") == [
                #"a.yaml:1:9: model.preset: found "something else", allowed: a model of models.yaml"#
            ]
        )
    }

    @Test("a preset gives its router with its own numbers, and the shape beside the experts")
    func router() throws {
        let configuration = try resolve("model: {preset: grouped}").plan
        let rule = try #require(try configuration.makeRouter() as? TopKRouter).rule
        var expected = try #require(RouterCatalogue.entry(named: "deepseek-v3")?.rule)
        expected.topK = 2
        expected.groups = GroupLimit(groups: 4, kept: 2, score: .sumOfLargest(2))
        expected.scale = 3
        expected.bias?.rate = 0.01
        expected.losses = [LossTerm(.sequence, 0.002)]
        #expect(rule == expected)
        let shape = configuration.modelShape
        #expect(shape.sharedExpert?.ffn == 24 && shape.hasSharedGate && shape.expert.hasBiases)
        #expect(shape.outputScale == 0.5)
    }

    @Test("another router takes over nothing but the number of experts per token")
    func otherRouter() throws {
        let other = try resolve("model: {preset: grouped}\nrouter: {kind: mixtral}").plan
        let rule = try #require(try other.makeRouter() as? TopKRouter).rule
        #expect(rule == RouterCatalogue.entry(named: "mixtral")?.rule)
        let switched = try resolve("model: {preset: dense-beside}\nrouter: {kind: olmoe}").plan.router.options
        #expect(switched.topK == 1 && switched.capacityFactor == nil && switched.capacityScope == nil)
    }

    @Test("a preset that is chosen for one run says what the file keeps of its own")
    func overshadowed() throws {
        let file = "model: {experts: 5, hidden: 12}"
        let notes = try resolve(file, set: ["model.preset=plain-8x2"]).notes
        #expect(notes.count == 1)
        let note = try #require(notes.first)
        #expect(note.hasPrefix("model.preset is plain-8x2 (flag --set), but this is not its model"))
        #expect(note.hasSuffix("the file gives model.hidden and model.experts"))
        #expect(try resolve(file, environment: ["EPSIM_MODEL_PRESET": "plain-8x2"]).notes.count == 1)
        #expect(try resolve("model: {preset: plain-8x2, experts: 5}").notes.isEmpty)
        #expect(try resolve("run: {seed: 1}", set: ["model.preset=plain-8x2", "model.experts=5"]).notes.isEmpty)
    }

    @Test("sizes that are not published have to be given")
    func gaps() {
        #expect(
            problems(of: "model: {preset: gaps}") == [
                "a.yaml:1:9: model.preset: of gaps the catalogue does not know model.expert_ffn and model.shared_ffn: "
                    + "choose model.expert_ffn and model.shared_ffn explicitly"
            ]
        )
        #expect(problems(of: "model: {preset: gaps, expert_ffn: 8, shared_ffn: 0}").isEmpty)
    }

    @Test("a capacity is in the unit of the router, and a dense network stands beside the experts")
    func besides() throws {
        let configuration = try resolve("model: {preset: dense-beside}").plan
        let rule = try #require(try configuration.makeRouter() as? TopKRouter).rule
        let expected = CapacityRule(size: .tokens(1.5), minimum: 2, rounding: .down, scope: .groups, group: 256)
        #expect(rule.capacity == expected)
        #expect(configuration.modelShape.denseExpert?.ffn == 64)
        let dropless = try resolve("model: {preset: dense-beside}\nrouter: {drop: none}")
        #expect((try dropless.plan.makeRouter() as? TopKRouter)?.rule.capacity == nil)
        #expect(!dropless.values.contains { $0.key == "router.capacity_factor" })
    }

    @Test("a size of the preset that is out of range counts only when it is used")
    func outOfRange() {
        #expect(
            problems(of: "model: {preset: huge}") == [
                "preset huge (models.yaml): model.experts: found 2097152, allowed: an integer from 1 to 1048576"
            ]
        )
        #expect(problems(of: "model: {preset: huge, experts: 64}").isEmpty)
    }
}
