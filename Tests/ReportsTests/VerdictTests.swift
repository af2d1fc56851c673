import CostModel
import MoE
import Reports
import Testing

@Suite("Verdict")
struct VerdictTests {
    @Test func aWholeRunIsValid() throws {
        let report = try SmallRun.report(verification: Verification(wrongTokens: 0, checkedTokens: 30))
        #expect(report.status == .valid)
        #expect(report.reasons.isEmpty)
        #expect(report.warnings.isEmpty)
        #expect(report.samples == (try SmallRun.report()).samples)
        #expect(report.samples.recorded == 20 && report.samples.expected == 20)
    }

    @Test func fewStepsAreInvalid() throws {
        var run = SmallRun.description
        run.steps = 4
        let report = try SmallRun.report(SmallRun.steps.dropLast(), run)
        #expect(report.status == .invalid)
        #expect(report.reasons == ["too few steps to state a spread: 4 measured, at least 5 needed"])
    }

    @Test func missingStepsAreLostSamples() throws {
        var run = SmallRun.description
        run.steps = 6
        let report = try SmallRun.report(SmallRun.steps, run)
        #expect(report.status == .invalid)
        #expect(report.reasons == ["samples lost: 20 of 24 recorded, whole steps are missing"])
    }

    @Test func aMissingRankIsNamed() throws {
        var steps = SmallRun.steps
        steps[3].layers[1].ranks.removeFirst()
        let report = try SmallRun.report(steps)
        #expect(report.status == .invalid)
        #expect(report.reasons == ["samples lost: 19 of 20 recorded, first missing: step 3, layer 1, rank 0"])
        // The mean over the nine layers that are whole, by numpy.
        #expect(abs((report.load.rank.imbalance.mean ?? 0) - 1.2962962962962963) < 1e-12)
    }

    @Test func aMissingLayerIsLostAndDoesNotAddUp() throws {
        var steps = SmallRun.steps
        steps[0].layers.removeLast()
        #expect(
            try SmallRun.report(steps).reasons == [
                "samples lost: 18 of 20 recorded, first missing: step 0, layer 1, all ranks",
                "times that do not add up: the phases of rank 0 miss step 0 by 5000 µs, allowed are 200 µs",
            ]
        )
    }

    @Test(arguments: [(399e-6, true), (401e-6, false)])
    func residualPerLayerHasALimit(miss: Double, isValid: Bool) throws {
        var steps = SmallRun.steps
        steps[2].layers[0].ranks[1].seconds.wait += miss / 2
        steps[2].layers[1].ranks[1].seconds.wait -= miss / 2
        let report = try SmallRun.report(steps)
        #expect((report.status == .valid) == isValid)
        let reason = "times that do not add up: the phases of rank 1 miss step 2 by 401 µs, allowed are 400 µs"
        #expect(report.reasons == (isValid ? [] : [reason]))
    }

    @Test func residualOfALongStepHasAShare() throws {
        var steps = SmallRun.steps
        steps[4].seconds = 1
        steps[4].layers[0].seconds = 0.5
        steps[4].layers[1].seconds = 0.5
        for layer in 0..<2 {
            for rank in 0..<2 { steps[4].layers[layer].ranks[rank].seconds.wait += 0.5 - 0.0065 - 0.009 }
        }
        #expect(try SmallRun.report(steps).status == .valid)
        steps[4].layers[1].ranks[0].seconds.wait -= 0.003
        #expect(try SmallRun.report(steps).status == .invalid)
    }

    @Test func aNegativeTimeIsInvalid() throws {
        var steps = SmallRun.steps
        steps[2].layers[1].ranks[1].seconds.queue -= 1e-3
        steps[2].layers[1].ranks[1].seconds.wait += 1e-3
        #expect(
            try SmallRun.report(steps).reasons == [
                "times that do not add up: a negative time in step 2, layer 1, rank 1"
            ]
        )
    }

    @Test(arguments: [true, false])
    func figuresThatAreNoNumbersAreInvalid(isLoss: Bool) throws {
        var steps = SmallRun.steps
        if isLoss {
            steps[1].layers[0].losses[0].value = .infinity
        } else {
            steps[1].layers[0].importance[2] = .nan
        }
        let report = try SmallRun.report(steps)
        #expect(report.status == .invalid)
        let place = "step 1, layer 0, \(isLoss ? "load" : "importance")"
        #expect(report.reasons == ["a figure of the router is not a finite number: \(place)"])
        let others = isLoss ? 0.5576214795579489 : 0.6057765329810557
        #expect(abs((report.load.importance.cv.mean ?? 0) - others) < 1e-12)
        #expect(try !report.json().isEmpty)
    }

    @Test func aWrongTokenFailsTheRun() throws {
        let report = try SmallRun.report(verification: Verification(wrongTokens: 3, checkedTokens: 30))
        #expect(report.status == .failed)
        #expect(report.reasons == ["3 of 30 tokens are wrong"])
    }

    @Test func aFailedRunGivesItsReasonOnly() throws {
        let report = try SmallRun.report([], end: .failed("worker 2 was killed"))
        #expect(report.status == .failed)
        #expect(report.reasons == ["worker 2 was killed"])
    }

    @Test func anInterruptedRunDoesNotMissTheStepsThatNeverRan() throws {
        var run = SmallRun.description
        run.steps = 100
        let report = try SmallRun.report(
            SmallRun.steps,
            run,
            end: .interrupted("stopped by Ctrl-C after 5 of 100 steps")
        )
        #expect(report.status == .interrupted)
        #expect(report.reasons == ["stopped by Ctrl-C after 5 of 100 steps"])
    }

    @Test func warningsDoNotTouchTheVerdict() throws {
        var run = SmallRun.description
        run.hosts[0].cores = 2
        run.workload.cycles = 2.5
        run.workers[1].clockUncertaintySeconds = 85e-6
        let report = try SmallRun.report(SmallRun.steps, run)
        #expect(report.status == .valid)
        #expect(
            report.warnings == [
                "3 busy processes on 2 cores of buildbox: times show sharing as well as work; loads are exact",
                "the workload is shorter than the run: cycled 2.5 times",
                "dispatch and combine times of rank 1 may be off by 85 µs a layer: the clock of buildbox is known no "
                    + "better",
            ]
        )
        run.clock = .modelled
        #expect(try SmallRun.report(SmallRun.steps, run).warnings.count == 2)
    }
}
