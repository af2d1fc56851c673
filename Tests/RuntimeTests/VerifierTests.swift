import Cluster
import Configuration
import CostModel
import MoE
import Records
import Tensors
import Testing

@testable import Runtime

/// The check of a run against plain loops: right layers pass, and one wrong value anywhere does not.
@Suite struct VerifierTests {
    private func counts(_ samples: LayerSamples, _ keptLayers: [KeptLayer]) throws -> [Int] {
        var verifier = try Verifier(setup: samples.setup)
        try verifier.check(keptLayers) { () throws(RuntimeError) in }
        return [verifier.wrongTokens, verifier.checkedTokens]
    }

    @Test(arguments: ["softmax-top-k", "noisy-top-k"], [0, 48])
    func rightLayersPass(router: String, sharedFfn: Int) throws {
        let samples = try LayerSamples(
            smallConfiguration {
                $0.router.kind = router
                $0.router.options.drop = .by(.position)
                $0.router.options.capacityFactor = 0.7
                $0.router.options.minCapacity = 1
                $0.model.sharedFfn = sharedFfn
            }
        )
        let kept = try samples.kept()
        #expect(kept.routed.routing.plan.position.contains(DispatchPlan.dropped))
        #expect(try counts(samples, [kept]) == [0, 12])
    }

    @Test(arguments: [Float(1e-3), -1, .nan, .infinity])
    func oneWrongOutputIsOneWrongToken(change: Float) throws {
        let samples = try LayerSamples(smallConfiguration())
        let kept = try samples.kept { $0[7, 31] += change }
        #expect(try counts(samples, [kept]) == [1, 12])
    }

    @Test func outputOfAnotherTokenIsWrong() throws {
        let samples = try LayerSamples(smallConfiguration())
        let kept = try samples.kept { output in
            for column in 0..<32 { output[2, column] = output[3, column] }
        }
        #expect(try counts(samples, [kept]) == [1, 12])
    }

    @Test func oneWrongLogitIsOneWrongToken() throws {
        let samples = try LayerSamples(smallConfiguration())
        let kept = try samples.kept(changeLogits: { $0.projections[0][4, 2] += 1e-3 })
        #expect(try counts(samples, [kept]) == [1, 12])
    }

    @Test func wrongNoiseIsWrong() throws {
        let samples = try LayerSamples(smallConfiguration { $0.router.kind = "noisy-top-k" })
        let kept = try samples.kept(changeLogits: { $0.projections[1][4, 2] += 1e-3 })
        #expect(try counts(samples, [kept]) == [1, 12])
    }

    @Test func logitsThatAreNotTheModelsAreNotChecked() throws {
        let samples = try LayerSamples(smallConfiguration())
        let kept = try samples.kept(changeLogits: { $0.projections[0][4, 2] += 1 })
        #expect(try counts(samples, [kept.given()]) == [0, 12])
    }

    @Test func routingThatTheLogitsDoNotGiveIsAnError() throws {
        let samples = try LayerSamples(smallConfiguration())
        let kept = try samples.kept(step: 3)
        var batch = kept.routed.batch
        for column in 0..<8 { batch.projections[0][5, column] *= -1 }
        let text = "layer 1 of step 3: routing the same logits again gives another plan"
        #expect(throws: RuntimeError.local(text)) { try counts(samples, [kept.given(batch)]) }
    }

    @Test func tokenThatIsWrongInTwoLayersCountsOnce() throws {
        let samples = try LayerSamples(smallConfiguration())
        let wrong = try [0, 1].map { layer in try samples.kept(layer: layer) { $0[7, 0] += 1 } }
        #expect(try counts(samples, wrong) == [1, 12])
        #expect(try counts(samples, []) == [0, 0])
    }

    /// One layer whose input is `tokens` itself: a step of zeros in and the layer's result out.
    private func step(_ samples: LayerSamples, change: (inout Matrix, inout Matrix) -> Void) throws -> StepResult {
        let kept = try samples.kept()
        var seeded = Samples(seed: 0)
        var input = seeded.matrix(rows: 12, columns: 32)
        var output = input
        output.add(kept.combined.output)
        change(&input, &output)
        return StepResult(
            record: StepRecord(step: 0, tokens: 12, seconds: 1, layers: []),
            track: StepTrack(step: 0, span: 0..<1, layers: []),
            input: input,
            output: output,
            keptLayers: [kept],
            stampsMoved: 0
        )
    }

    @Test func whatLiesBetweenTheLayersIsCheckedToo() throws {
        let samples = try LayerSamples(smallConfiguration())
        let wrong = try [
            step(samples) { _, _ in }, step(samples) { _, output in output[3, 1] += 1e-6 },
            step(samples) { input, output in (input[5, 0], output[5, 0]) = (9, 9) },
        ].map { result in
            var verifier = try Verifier(setup: samples.setup)
            try verifier.check(result) { () throws(RuntimeError) in }
            return verifier.wrongTokens
        }
        #expect(wrong == [0, 1, 1])
    }

    /// Most logits are far from zero; a model of one expert in 48 layers has many that are not, and none is wrong.
    @Test func logitsNearZeroKeepTheRoundingOfTheirTerms() throws {
        let samples = try LayerSamples(
            smallConfiguration {
                ($0.model.experts, $0.router.options.topK) = (1, 1); $0.cluster.workers = 1
            }
        )
        for step in 0..<50 { #expect(try counts(samples, [samples.kept(step: step)]) == [0, 12]) }
    }

    @Test func stepsAddUp() throws {
        let samples = try LayerSamples(smallConfiguration())
        var verifier = try Verifier(setup: samples.setup)
        for step in 0..<3 {
            let kept = try samples.kept(step: step) { $0[step, 0] += 1 }
            try verifier.check([kept]) { () throws(RuntimeError) in }
        }
        #expect(verifier.checkedTokens == 36)
        #expect(verifier.wrongTokens == 3)
    }

    @Test func itLetsHeartbeatsGoOn() throws {
        let samples = try LayerSamples(smallConfiguration())
        var verifier = try Verifier(setup: samples.setup)
        #expect(throws: RuntimeError.interrupted) {
            try verifier.check([try samples.kept()]) { () throws(RuntimeError) in throw .interrupted }
        }
    }
}
