import Basics
import Figures
import MadeUpRuns
import MoE
import Records
import Reports
import Testing

@Suite("Verdict")
struct VerdictTests {
    @Test func aWholeRunIsValid() throws {
        let report = try MadeUpRun.small.report(verification: Verification(wrongTokens: 0, checkedTokens: 30))
        #expect(report.status == .valid)
        #expect(report.reasons.isEmpty)
        #expect(report.warnings.isEmpty)
        #expect(report.samples == (try MadeUpRun.small.report()).samples)
        #expect(report.samples.recorded == 20 && report.samples.expected == 20)
    }

    @Test func fewStepsAreInvalid() throws {
        var run = MadeUpRun.small.description
        run.steps = 4
        let report = try MadeUpRun.small.report(MadeUpRun.small.steps.dropLast(), run)
        #expect(report.status == .invalid)
        #expect(report.reasons == ["too few steps to state a spread: 4 measured, at least 5 needed"])
    }

    @Test func missingStepsAreLostSamples() throws {
        var run = MadeUpRun.small.description
        run.steps = 6
        let report = try MadeUpRun.small.report(MadeUpRun.small.steps, run)
        #expect(report.status == .invalid)
        #expect(report.reasons == ["samples lost: 20 of 24 recorded, whole steps are missing"])
    }

    @Test func aMissingRankIsNamed() throws {
        var steps = MadeUpRun.small.steps
        steps[3].layers[1].ranks.removeFirst()
        let report = try MadeUpRun.small.report(steps)
        #expect(report.status == .invalid)
        #expect(report.reasons == ["samples lost: 19 of 20 recorded, first missing: step 3, layer 1, rank 0"])
        // The mean over the nine layers that are whole, by numpy.
        #expect(abs((report.figures[spread: .rankImbalance].mean ?? 0) - 1.2962962962962963) < 1e-12)
    }

    @Test func aMissingLayerIsLostAndDoesNotAddUp() throws {
        var steps = MadeUpRun.small.steps
        steps[0].layers.removeLast()
        #expect(
            try MadeUpRun.small.report(steps).reasons == [
                "samples lost: 18 of 20 recorded, first missing: step 0, layer 1, all ranks",
                "times that do not add up: the phases miss the steps by 1000 µs on average, allowed are 360 µs "
                    + "(at worst rank 0 misses step 0 by 5000 µs, its limit is 200 µs)",
            ]
        )
    }

    /// `steps` with the first `count` of them held up for so long between two layers.
    private static func heldUp(_ seconds: Double, in count: Int, of steps: [StepRecord]) -> [StepRecord] {
        steps.enumerated().map { index, step in
            var step = step
            if index < count { step.seconds += seconds }
            return step
        }
    }

    @Test(arguments: [(399e-6, 5, true), (401e-6, 1, true), (401e-6, 2, false)])
    func residualPerLayerHasALimit(miss: Double, count: Int, isValid: Bool) throws {
        let report = try MadeUpRun.small.report(Self.heldUp(miss, in: count, of: MadeUpRun.small.steps))
        #expect((report.status == .valid) == isValid)
        let reason =
            "times that do not add up: the phases miss the steps in 2 of 5 steps by more than their limit, allowed are "
            + "5 % (at worst rank 0 misses step 0 by 401 µs, its limit is 400 µs)"
        #expect(report.reasons == (isValid ? [] : [reason]))
        #expect(report.time.residual.missedSteps == (miss > 400e-6 ? count : 0))
    }

    /// 5 % of 40 steps are two.
    @Test(arguments: [(2, true), (3, false)])
    func aFewStepsMayBeHeldUp(count: Int, isValid: Bool) throws {
        let run = MadeUpRun(ranks: 2, layers: 2, steps: 40)
        let report = try run.report(Self.heldUp(900e-6, in: count, of: run.steps))
        #expect((report.status == .valid) == isValid, "\(report.reasons)")
        #expect(abs((report.time.residual.worstSeconds ?? 0) - 920e-6) < 1e-9)
        #expect(report.time.residual.missedSteps == count)
    }

    /// One step of 40 that is held up so long that the means do not add up.
    @Test func aMissThatShowsInTheMeansIsInvalid() throws {
        let run = MadeUpRun(ranks: 2, layers: 2, steps: 40)
        let reasons = try run.report(Self.heldUp(0.1, in: 1, of: run.steps)).reasons
        #expect(reasons.count == 1)
        let start = "times that do not add up: the phases miss the steps by 2520 µs on average, allowed are 4"
        #expect(reasons[0].hasPrefix(start), "\(reasons)")
        #expect(reasons[0].contains("(at worst rank 0 misses step 0 by 100020 µs, its limit is 2"))
    }

    /// The largest miss is that of the long step, though the others are above their limits and it is not.
    @Test func worstMeansLargest() throws {
        var steps = Self.heldUp(500e-6, in: 2, of: MadeUpRun.small.steps)
        steps[4].seconds += 1
        steps[4].layers[0].seconds += 1
        for rank in 0..<2 { steps[4].layers[0].ranks[rank].seconds.wait += 0.99 }
        let residual = try MadeUpRun.small.report(steps).time.residual
        #expect(abs((residual.worstSeconds ?? 0) - 0.01) < 1e-12)
        #expect(abs((residual.limitSeconds ?? 0) - 0.02 * 1.013) < 1e-12)
        #expect(residual.step == 4 && residual.rank == 0)
        #expect(residual.missedSteps == 2)
        #expect(!residual.isWithinLimit)
    }

    @Test func residualOfALongStepHasAShare() throws {
        var steps = MadeUpRun.small.changed { layer in
            for rank in 0..<2 { layer.ranks[rank].seconds.wait += 0.5 - layer.seconds }
            layer.seconds = 0.5
        }
        for step in 0..<2 { steps[step].layers[0].ranks[1].seconds.wait -= 0.019 }
        #expect(try MadeUpRun.small.report(steps).status == .valid)
        for step in 0..<2 { steps[step].layers[0].ranks[1].seconds.wait -= 0.002 }
        #expect(try MadeUpRun.small.report(steps).status == .invalid)
    }

    @Test func aNegativeTimeIsInvalid() throws {
        var steps = MadeUpRun.small.steps
        steps[2].layers[1].ranks[1].seconds.queue -= 1e-3
        steps[2].layers[1].ranks[1].seconds.wait += 1e-3
        #expect(
            try MadeUpRun.small.report(steps).reasons == [
                "times that do not add up: a negative time in step 2, layer 1, rank 1"
            ]
        )
    }

    @Test(arguments: [true, false])
    func figuresThatAreNoNumbersAreInvalid(isLoss: Bool) throws {
        var steps = MadeUpRun.small.steps
        if isLoss {
            steps[1].layers[0].losses[0].value = .infinity
        } else {
            steps[1].layers[0].importance[2] = .nan
        }
        let report = try MadeUpRun.small.report(steps)
        #expect(report.status == .invalid)
        let place = "step 1, layer 0, \(isLoss ? "load" : "importance")"
        #expect(report.reasons == ["a figure of the router is not a finite number: \(place)"])
        let importance = try #require(FigureName("load.importance.cv"))
        let others = isLoss ? 0.5576214795579489 : 0.6057765329810557
        #expect(abs((report.figures[importance] ?? 0) - others) < 1e-12)
        #expect(try !report.json().isEmpty)
    }

    @Test func aWrongTokenFailsTheRun() throws {
        let report = try MadeUpRun.small.report(verification: Verification(wrongTokens: 3, checkedTokens: 30))
        #expect(report.status == .failed)
        #expect(report.reasons == ["3 of 30 tokens are wrong"])
    }

    @Test func aFailedRunGivesItsReasonOnly() throws {
        let report = try MadeUpRun.small.report([], end: .failed("worker 2 was killed"))
        #expect(report.status == .failed)
        #expect(report.reasons == ["worker 2 was killed"])
    }

    @Test func anInterruptedRunDoesNotMissTheStepsThatNeverRan() throws {
        var run = MadeUpRun.small.description
        run.steps = 100
        let report = try MadeUpRun.small.report(
            MadeUpRun.small.steps,
            run,
            end: .interrupted("stopped by Ctrl-C after 5 of 100 steps")
        )
        #expect(report.status == .interrupted)
        #expect(report.reasons == ["stopped by Ctrl-C after 5 of 100 steps"])
    }

    @Test func warningsDoNotTouchTheVerdict() throws {
        var run = MadeUpRun.small.description
        run.hosts[0].cores = 2
        run.workload.cycles = 2.5
        run.workers[1].clockUncertaintySeconds = 85e-6
        let report = try MadeUpRun.small.report(MadeUpRun.small.steps, run)
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
        let modelled = try MadeUpRun.small.report(MadeUpRun.small.steps, run)
        #expect(modelled.warnings.count == 2)
        // Those of a live run are about its processes.
        #expect(PointOutcome(modelled).warnings == modelled.warnings && PointOutcome(modelled).notes.isEmpty)
        #expect(PointOutcome(report).warnings.isEmpty)
    }

    @Test func notesStandBesideTheVerdictAndDoNotTouchIt() throws {
        let report = try MadeUpRun.small.report(notes: ["family mixtral was forced"])
        #expect(report.status == .valid && report.notes == ["family mixtral was forced"])
        #expect(report.warnings.isEmpty)
        #expect(TerminalReport.render(report).contains("\nnote: family mixtral was forced\nVALID\n"))
        #expect(PointOutcome(report).notes == ["family mixtral was forced"])
        #expect(try Report(json: report.json()).notes == report.notes)
    }
}
