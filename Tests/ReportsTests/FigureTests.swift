import Figures
import MadeUpRuns
import MoE
import Records
import Reports
import Testing

@Suite("Figures")
struct FigureTests {
    /// The figure of a path.
    private static func named(_ path: String) -> Figure {
        Figure.catalogue.first { $0.path == path } ?? .maxvio
    }

    private static func isClose(_ spread: Spread, _ expected: [Double]) -> Bool {
        let found = [spread.mean, spread.p50, spread.p90, spread.max]
        return zip(found, expected).allSatisfy { abs(($0 ?? .nan) - $1) <= 1e-12 * max(1, abs($1)) }
    }

    /// By numpy 2.4: `max / mean`, `std / mean` over the last axis, then `mean`, `percentile` 50 and 90, `max`.
    @Test func loadAgreesWithNumpy() throws {
        let load = try MadeUpRun.small.report().figures
        #expect(Self.isClose(load[spread: .rankImbalance], [1.2666666666666666, 1.25, 1.55, 2.0]))
        #expect(Self.isClose(load[spread: .balancedness], [0.8273809523809523, 0.8035714285714286, 1.0, 1.0]))
        #expect(Self.isClose(load[spread: .expertImbalance], [2.0, 1.8333333333333335, 2.8, 4.0]))
        #expect(
            Self.isClose(
                load[spread: .expertCV],
                [0.6904895824995979, 0.5753279205785267, 1.0732050807568876, 3.0.squareRoot()]
            )
        )
        #expect(Self.isClose(load[spread: .maxvio], [1.0, 0.8333333333333334, 1.8, 3.0]))
        #expect(
            Self.isClose(
                load[spread: Self.named("load.importance.cv")],
                [0.5576214795579489, 0.462939625176223, 0.8932315199772785, 1.3494397557212352]
            )
        )
    }

    /// By numpy 2.4, as above; the smooth load is copies + expert / 2.
    @Test func squaredVariationsAgreeWithNumpy() throws {
        let steps = MadeUpRun.small.changed { layer in
            layer.smoothLoad = layer.expertCopies.enumerated().map { Double($1) + Double($0) / 2 }
        }
        let load = try MadeUpRun.small.report(steps).figures
        #expect(
            Self.isClose(
                load[spread: Self.named("load.expert.cv_squared")],
                [0.6777777777777778, 0.3333333333333333, 1.2, 3]
            )
        )
        let importance = [0.42746913580246904, 0.2160493827160494, 0.8209876543209873, 1.8209876543209869]
        #expect(Self.isClose(load[spread: Self.named("load.importance.cv_squared")], importance))
        let smooth = [0.5340434846911626, 0.44314656939362596, 0.8597598247743072, 1.2736648783028532]
        #expect(Self.isClose(load[spread: Self.named("load.smooth_load.cv")], smooth))
        let squared = [0.3884444444444444, 0.2, 0.7582222222222217, 1.622222222222222]
        #expect(Self.isClose(load[spread: Self.named("load.smooth_load.cv_squared")], squared))
        #expect(try MadeUpRun.small.report().figures[spread: Self.named("load.smooth_load.cv")].summary == nil)
    }

    /// Queues padded to blocks of four rows, by numpy 2.4.
    @Test func paddingIsWhatItAddsToTheCopies() throws {
        var steps = MadeUpRun.small.changed { layer in
            layer.paddedRows = layer.expertCopies.reduce(0) { $0 + ($1 + 3) / 4 * 4 }
        }
        let padding = try MadeUpRun.small.report(steps).figures
        #expect(padding[.paddedRowsPerStep] == 35.2)
        #expect(padding[.paddedCopiesPerStep] == 24)
        #expect(abs((padding[.paddingFraction] ?? 0) - 0.4666666666666667) < 1e-15)
        #expect(abs((padding[.largestPaddingFraction] ?? 0) - 2.0 / 3) < 1e-15)
        steps[0].layers[0].paddedRows = .max
        #expect(try MadeUpRun.small.report(steps).figures[.paddedRowsPerStep].map { $0 > 1e18 } == true)
        #expect(try MadeUpRun.small.report().figures[.paddingFraction] == nil)
    }

    /// The last two of four experts return their input: their copies are no rank's.
    @Test func copiesForIdentityExpertsAreCountedApart() throws {
        var description = MadeUpRun.small.description
        (description.model.experts, description.model.identityExperts) = (2, 2)
        let steps = MadeUpRun.small.changed { layer in
            layer.identityExperts = 2
            layer.expertCopies = [3, 2, 4, 1]
            layer.ranks[0].copies = 3
            layer.ranks[1].copies = 2
        }
        let report = try MadeUpRun.small.report(steps, description)
        #expect(report.figures[.identityFraction] == 0.5 && report.figures[.largestIdentityFraction] == 0.5)
        #expect(report.figures[.computedExpertsPerToken] == 5.0 / 6)
        // The router's spread sees all four.
        #expect(report.figures[spread: .expertImbalance].max == 4 / 2.5)
        #expect(report.figures[spread: .rankImbalance].max == 3 / 2.5)
        #expect(try MadeUpRun.small.report().figures[.identityFraction] == nil)
        var wrong = steps
        wrong[0].layers[0].identityExperts = 1
        #expect(
            throws: ReportError(.record, "step 0, layer 0: 1 identity experts; the model has 2")
        ) { try MadeUpRun.small.report(wrong, description) }
        wrong = steps
        wrong[0].layers[0].ranks[0].copies = 4
        let message = "step 0, layer 0: the experts have 5 routed copies and the ranks 6; the sums must be equal"
        #expect(throws: ReportError(.record, message)) { try MadeUpRun.small.report(wrong, description) }
    }

    /// By numpy 2.4: means over the last axis but one.
    @Test func everyStepHasItsMeanOverLayers() throws {
        let rows = try MadeUpRun.small.report().perStep
        #expect(rows.map(\.step) == [0, 1, 2, 3, 4])
        #expect(rows.map(\.tokens) == [6, 6, 6, 6, 6])
        #expect(rows.map(\.seconds) == MadeUpRun.small.seconds)
        func isClose(_ figure: Figure, _ expected: [Double]) -> Bool {
            zip(rows, expected).allSatisfy { abs(($0[figure] ?? .nan) - $1) < 1e-8 }
        }
        #expect(isClose(.expertImbalance, [1.66666667, 2.5, 1.83333333, 2, 2]))
        #expect(isClose(.expertCV, [0.47847145, 0.8660254, 0.76352314, 0.65439112, 0.6900368]))
        #expect(isClose(.maxvio, [0.66666667, 1.5, 0.83333333, 1, 1]))
        #expect(isClose(.rankImbalance, [1.33333333, 1.5, 1, 1.16666667, 1.33333333]))
        #expect(isClose(.droppedFraction, [0, 0.125, 0, 0, 0]))
        #expect(isClose(.tokensUnserved, [0, 1.5, 0, 0, 0]))
        #expect(rows.map { $0.losses.map(\.name) } == [["load"], ["load"], ["load"], ["load"], ["load"]])
        #expect(rows.compactMap { $0.losses.first?.value } == [5, 7.5, 0.5, 3.5, 5.5])
    }

    @Test func sharedExpertsOfTheCoordinatorHaveTheirPhase() throws {
        let time = try MadeUpRun.small.report(MadeUpRun.small.withSharedExperts).time
        let shared = time.phases.first { $0.phase == .shared }
        #expect(abs((shared?.seconds ?? 0) - 1e-3) < 1e-15)
        #expect(abs((time.figures[.sharedComputeSeconds] ?? 0) - 4e-3) < 1e-15)
        #expect(abs((time.figures[.sharedComputeShare] ?? 0) - 4e-3 / 0.0162) < 1e-12)
        #expect((time.residual.worstSeconds ?? 1) < 1e-12)
        #expect(abs(time.phases.compactMap(\.share).reduce(0, +) - 1) < 1e-12)
        #expect(try MadeUpRun.small.report().figures[.sharedComputeSeconds] == 0)
    }

    @Test func timeAgreesWithNumpy() throws {
        let report = try MadeUpRun.small.report()
        #expect(Self.isClose(report.figures[spread: .stepSeconds], [0.0132, 0.012, 0.0172, 0.020]))
        #expect(Self.isClose(report.tokensPerSecond, [481.3986013986014, 500, 578.1818181818182, 600]))
    }

    @Test func dropsAreCountedAndDivided() throws {
        let dropped = try MadeUpRun.small.report().figures
        #expect(dropped[whole: .copiesDropped] == 4)
        #expect(dropped[whole: .tokensUnserved] == 3)
        #expect(dropped[.droppedFraction] == 4.0 / 124)
        #expect(dropped[.largestDroppedFraction] == 4.0 / 16)
        #expect(dropped[.unservedFraction] == 3.0 / 60)
        #expect(dropped[.largestUnservedFraction] == 3.0 / 6)
    }

    @Test func aLossIsSummarisedUnderItsName() throws {
        let losses = try MadeUpRun.small.report().load.losses
        #expect(losses.map(\.name) == ["load"])
        #expect(losses.first?.value.mean == 4.4)
        #expect(losses.first?.value.max == 12)
        #expect(losses.first?.coefficient == 0.1)
        #expect(losses.first?.valueAtBalance == nil)
    }

    @Test func ranksAreAveragedOverSteps() throws {
        let report = try MadeUpRun.small.report()
        #expect(report.ranks.map(\.layer) == [0, 0, 1, 1])
        #expect(report.ranks.map(\.rank) == [0, 1, 0, 1])
        #expect(report.ranks.map(\.experts) == [2, 2, 2, 2])
        #expect(report.ranks.map(\.copies) == [6.6, 5.4, 7.8, 4.2])
        #expect(report.ranks.map(\.sharedTokens) == [3, 3, 3, 3])
        #expect(report.ranks.map { ($0.share ?? 0) * 100 }.map { $0.rounded() } == [55, 45, 65, 35])
        #expect(report.ranks.map { ($0.imbalance ?? 0) * 100 }.map { $0.rounded() } == [110, 90, 130, 70])
        #expect(report.ranks.map(\.dispatchBytes) == [724, 604, 844, 484])
        #expect(report.ranks.map(\.combineBytes) == [130, 118, 142, 106])
        #expect(abs((report.ranks.first?.seconds.wait ?? 0) - (0.0132 / 2 - 4e-3)) < 1e-15)
    }

    @Test func totalsSumCountsAndAverageShares() throws {
        let totals = try MadeUpRun.small.report().rankTotals
        #expect(totals.map(\.rank) == [0, 1])
        #expect(totals.map(\.layer) == [nil, nil])
        #expect(totals.map(\.experts) == [4, 4])
        #expect(totals.map { ($0.copies * 10).rounded() } == [144, 96])
        #expect(totals.map { (($0.share ?? 0) * 100).rounded() } == [60, 40])
        #expect(totals.map(\.dispatchBytes) == [1568, 1088])
        #expect(totals.map { ($0.seconds.dispatch * 1e6).rounded() } == [2000, 2000])
    }

    @Test func communicationTakesTheBusiestRankOfEachLayer() throws {
        let figures = try MadeUpRun.small.report().figures
        // Largest loads of a rank, 1e-4 s a copy, and 1e-4 s for combine in each of two layers.
        let busiest = Double(8 + 8 + 6 + 12 + 6 + 6 + 8 + 6 + 9 + 7) * 1e-4 / 5 + 2e-4
        #expect(abs((figures[.communicationSeconds] ?? 0) - busiest) < 1e-15)
        #expect(abs((figures[.exposedSeconds] ?? 0) - 1e-3) < 1e-15)
        #expect(abs((figures[.communicationShare] ?? 0) - busiest / 0.0132) < 1e-12)
        #expect(abs((figures[.exposedShare] ?? 0) - 1e-3 / 0.0132) < 1e-12)
        #expect(figures[whole: Self.named("communication.bytes.dispatch")] == 100 * 120 + 64 * 20)
        #expect(figures[whole: Self.named("communication.bytes.combine")] == 10 * 120 + 64 * 20)
        #expect(figures[.bytesOutPerStep] == 2656)
    }

    @Test func trafficIsInBytesPerStep() throws {
        let report = try MadeUpRun.small.report()
        let traffic = report.communication.traffic
        #expect(traffic.naiveBytes == [[880, 660], [440, 660]])
        #expect(traffic.deduplicatedBytes == [[660, 440], [220, 440]])
        #expect(report.figures[.naiveBytes] == 1100)
        #expect(report.figures[.deduplicatedBytes] == 660)
    }

    @Test func phasesAndResidualMakeUpTheStep() throws {
        var steps = MadeUpRun.small.steps
        steps[1].seconds += 100e-6
        let time = try MadeUpRun.small.report(steps).time
        let shares = time.phases.compactMap(\.share).reduce(0, +)
        #expect(time.phases.map(\.phase) == Phase.allCases)
        #expect(abs(shares + (time.residual.meanShare ?? 0) - 1) < 1e-12)
        #expect(abs((time.residual.worstSeconds ?? 0) - 100e-6) < 1e-12)
        #expect(time.residual.limitSeconds == 400e-6)
        #expect(time.residual.step == 1)
        #expect(time.residual.isWithinLimit)
    }

    @Test func imbalanceOfLayersThatCancelOutIsNotHidden() throws {
        var steps = MadeUpRun.small.steps
        for step in steps.indices {
            steps[step].layers[0].ranks[0].copies = 12
            steps[step].layers[0].ranks[1].copies = 0
            steps[step].layers[1].ranks[0].copies = 0
            steps[step].layers[1].ranks[1].copies = 12
            for layer in 0...1 { steps[step].layers[layer].expertCopies = [6, 6, 0, 0] }
        }
        #expect(try MadeUpRun.small.report(steps).figures[spread: .rankImbalance].mean == 2)
    }
}
