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

    @Test("a router that this version cannot run has to be chosen")
    func router() throws {
        let reason =
            "a.yaml:1:9: model.preset: odd-router routes by sigmoid scores, which no router.kind of this version does: "
        #expect(
            problems(of: "model: {preset: odd-router}") == [
                reason + "choose router.kind, router.normalize and router.scale explicitly"
            ]
        )
        #expect(
            problems(of: "model: {preset: odd-router}", set: ["router.kind=softmax-top-k", "router.scale=2"]) == [
                reason + "choose router.normalize explicitly"
            ]
        )
        #expect(problems(of: "model: {preset: odd-router}\nrouter: {kind: noisy-top-k}").isEmpty)
        let chosen = "model: {preset: odd-router}\nrouter: {kind: softmax-top-k, normalize: true, scale: 2}"
        let router = try resolve(chosen).configuration.router
        #expect(router.scale == 2)
        #expect(router.topK == 2)
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

    @Test("dense networks beside the experts and capacities have to be decided")
    func besides() {
        #expect(
            problems(of: "model: {preset: dense-beside}") == [
                "a.yaml:1:9: model.preset: dense-beside drops copies over a capacity (factor 1.25 in training and 2 "
                    + "in evaluation, as its source defines it): choose router.drop explicitly",
                "a.yaml:1:9: model.preset: dense-beside has a dense network of width 64 beside its experts, which is "
                    + "not modelled: choose model.shared_ffn explicitly",
            ]
        )
        let chosen = ["router.drop=none", "model.shared_ffn=64"]
        #expect(problems(of: "model: {preset: dense-beside}", set: chosen).isEmpty)
    }

    @Test("a size of the preset that is out of range counts only when it is used")
    func outOfRange() {
        #expect(
            problems(of: "model: {preset: huge}") == [
                "preset huge (models.yaml): model.experts: found 131072, allowed: an integer from 1 to 65535"
            ]
        )
        #expect(problems(of: "model: {preset: huge, experts: 64}").isEmpty)
    }
}
