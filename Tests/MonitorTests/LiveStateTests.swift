import Figures
import MadeUpRuns
import MoE
import Monitor
import Records
import Reports
import Testing

@Suite("Live state")
struct LiveStateTests {
    private let madeUp = MadeUpRun()

    @Test func goesThroughItsStages() {
        var state = LiveState(run: madeUp.run)
        #expect(state.stage == .waiting && state.secondsLeft == nil && state.window.rankCopies.isEmpty)
        state.workersReady(2)
        #expect(state.workersReady == 2 && state.stage == .waiting)
        state.warmup(left: 1)
        #expect(state.stage == .warmup && state.warmupLeft == 1)
        state.warmup(left: 0)
        #expect(state.stage == .measuring)
        state.measured(madeUp.steps[0], at: 3)
        #expect(state.stage == .measuring && state.steps == 1)
        state.ended(.interrupted, at: 4)
        #expect(state.stage == .interrupted && state.secondsLeft == 0 && state.endTime == 4)
    }

    @Test(arguments: [1, 2, 3])
    func meansOverAllStepsAreThoseOfTheReport(seed: UInt64) throws {
        let madeUp = MadeUpRun(ranks: 4, layers: 3, steps: 9, seed: seed)
        let state = madeUp.state()
        let report = try madeUp.report()
        let ranks = state.layerFigures.map { $0[each: .rankImbalance] }
        let experts = state.layerFigures.map { $0[each: .expertImbalance] }
        expectEqual(Self.mean(ranks), report.figures[spread: .rankImbalance].mean)
        expectEqual(Self.mean(experts), report.figures[spread: .expertImbalance].mean)
        for figure in Figure.catalogue {
            guard let value = state.figures[figure] else { continue }
            let name = figure.form == .spread ? FigureName(figure, .mean) : FigureName(figure)
            expectEqual(value, report.figures[name])
        }
        #expect(report.figures[whole: .copiesDropped] ?? 0 > 0)
        expectEqual(state.figures.losses.first?.each.mean, report.load.losses.first?.value.mean)
        for total in report.rankTotals {
            expectEqual(Double(state.sum(ofRank: total.rank, \.copies)) / 9, total.copies)
            expectEqual(Double(state.sum(ofRank: total.rank, \.dispatchBytes)) / 9, total.dispatchBytes)
            expectEqual(state.sum(ofRank: total.rank) { $0.seconds.combine } / 9, total.seconds.combine)
        }
    }

    @Test func figuresOfTheMomentAreOverTheWindow() throws {
        let state = madeUp.state(window: 3)
        let last = MadeUpRun(steps: 7).steps.suffix(3)
        #expect(state.window.records.map(\.step) == [4, 5, 6])
        #expect(state.window.entries.count == 3)
        let report = try madeUp.report()
        let imbalances = report.perStep.suffix(3).compactMap { $0[.rankImbalance] }
        expectEqual(state.window.figures[.rankImbalance], imbalances.reduce(0, +) / 3)
        let seconds = last.reduce(0) { $0 + $1.seconds }
        expectEqual(LiveSummary(state, at: 9).tokensPerSecond, 3 * 512 / seconds)
        // 11 µs in layer 0 and 22 µs in layer 1, each step.
        expectEqual(state.window.figures[.exposedShare], 3 * 33e-6 / seconds)
        let ofRankZero = last.flatMap(\.layers).map { $0.ranks[0].copies }
        expectEqual(state.window.rankCopies.first, Double(ofRankZero.reduce(0, +)) / 3)
    }

    @Test func loadsOfRanksShowWhatSumsWouldHide() {
        // Two layers whose loads cancel: 30 and 10 copies, then 10 and 30.
        var state = LiveState(run: MadeUpRun(ranks: 2, layers: 2).run)
        let layers = [[30, 10], [10, 30]].enumerated().map { index, copies in
            LayerRecord(
                layer: index,
                expertCopies: copies,
                expertDropped: [0, 0],
                importance: [1, 1],
                tokensWithoutExpert: 0,
                losses: [],
                ranks: copies.enumerated().map {
                    RankRecord(
                        rank: $0,
                        copies: $1,
                        sharedTokens: 0,
                        dispatchBytes: 0,
                        combineBytes: 0,
                        seconds: PhaseSeconds(),
                        dispatchInFlightSeconds: 0,
                        combineInFlightSeconds: 0
                    )
                }
            )
        }
        state.measured(StepRecord(step: 0, tokens: 20, seconds: 1, layers: layers), at: 1)
        #expect(state.window.rankCopies == [40, 40])
        #expect(state.window.rankLoads == [1, 1])
        #expect(state.window.rankPeaks == [1.5, 1.5])
        #expect(state.window.figures[.rankImbalance] == 1.5)
    }

    @Test func timeLeftFollowsTheClockOnTheWall() {
        #expect(madeUp.state(after: 0).secondsLeft == nil)
        // One step only: its own seconds. Then a second per step, whatever the steps themselves took.
        expectEqual(madeUp.state(after: 1).secondsLeft, 6 * madeUp.steps[0].seconds)
        expectEqual(madeUp.state(after: 3).secondsLeft, 4)
        expectEqual(madeUp.state(after: 7).secondsLeft, 0)
        #expect(madeUp.state(after: 3).window.stepsPerSecond == 1)
    }

    @Test func whatLiesOutsideOfTheRunIsLeftOut() {
        var state = MadeUpRun(ranks: 2, layers: 1).state(after: 0)
        state.measured(MadeUpRun(ranks: 3, layers: 2).steps[0], at: 1)
        #expect(state.steps == 1)
        #expect(state.layerFigures.count == 1 && state.rankTotals.count == 2)
        // Three ranks are not the two of the run, so there is nothing to compare them with.
        #expect(state.layerFigures[0][each: .rankImbalance].count == 0 && state.window.figures[.rankImbalance] == nil)
    }

    @Test func valuesThatAreNotFiniteDoNotCount() {
        var mean = RunningMean()
        for value in [1.0, .nan, 3, .infinity] { mean.add(value) }
        #expect(mean.count == 2 && mean.mean == 2 && mean.last == 3)
    }

    private static func mean(_ means: [RunningMean]) -> Double {
        means.reduce(0) { $0 + $1.sum } / Double(means.reduce(0) { $0 + $1.count })
    }
}

/// Equal but for the last bits, which depend on the order of a sum.
func expectEqual(_ value: Double?, _ expected: Double?, location: SourceLocation = #_sourceLocation) {
    guard let value, let expected else {
        #expect(value != nil && expected != nil, sourceLocation: location)
        return
    }
    #expect(abs(value - expected) <= 1e-12 * max(abs(expected), 1), "\(value) \(expected)", sourceLocation: location)
}
