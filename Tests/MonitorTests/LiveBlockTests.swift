import MadeUpRuns
import Monitor
import Testing

@Suite("Live block")
struct LiveBlockTests {
    private static func block(_ state: LiveState, at time: Double = 20, _ options: LiveBlock.Options = .init())
        -> LiveBlock
    {
        LiveBlock(LiveSummary(state, at: time), options: options)
    }

    @Test func showsHowFarTheRunIs() {
        let madeUp = MadeUpRun()
        var state = LiveState(run: madeUp.run)
        state.workersReady(1)
        #expect(Self.block(state, at: 4).lines[1] == "waiting for workers: 1 of 3 ready (4.0 s)")
        state.warmup(left: 2)
        #expect(Self.block(state).lines[1] == "warm-up: 2 of the steps before 7 measured ones left")
        let lines = Self.block(madeUp.state(after: 3), .init(width: 100)).lines
        #expect(lines[0] == "epsim run 20250131T120000Z-3fa9c1  configs/quickstart.yaml")
        #expect(lines[1].hasPrefix("█████████████░░░░░░░░░░░░░░░░░  step 3 of 7  1 steps/s  "))
        #expect(lines[1].hasSuffix(" tokens/s  4.0 s left"))
        #expect(lines[2].hasPrefix("imbalance 1."))
        #expect(lines[3].hasPrefix("communication ") && lines[3].contains(" % of the step, exposed "))
        state = madeUp.state()
        state.ended(.failed, at: 17)
        #expect(Self.block(state).lines[1].contains("failed after 7 steps, 17 s"))
        #expect(Self.block(state).line.hasPrefix("failed after 7 steps, 17 s  1 steps/s  "))
        #expect(!Self.block(state).line.contains("\n"))
    }

    @Test func barsShowLoadPeakAndMean() {
        let state = MadeUpRun(ranks: 2, layers: 2, steps: 1).state()
        var summary = LiveSummary(state, at: 1)
        summary.rankLoads = [0.5, 1.5]
        summary.rankPeaks = [1, 2]
        summary.windowSteps = 4
        let lines = LiveBlock(summary, options: .init(width: 49, height: 20, unicode: false)).lines
        // 20 columns are a load of 2: the mean stands after ten of them.
        #expect(lines[4] == "rank 0 #####=====|......... 0.50, at most 1.00")
        #expect(lines[5] == "rank 1 ##########|####===== 1.50, at most 2.00")
        #expect(lines[6].hasPrefix("copies / mean over ranks (|), over the last"))
    }

    @Test(arguments: [(20, 4), (40, 8), (80, 24), (200, 60), (0, 0)], [1, 3, 64, 1024])
    func fitsTheTerminal(size: (Int, Int), ranks: Int) {
        let state = MadeUpRun(ranks: ranks, layers: 1, steps: 2).state()
        let options = LiveBlock.Options(width: size.0, height: size.1)
        let lines = Self.block(state, options).lines
        #expect(lines.allSatisfy { $0.count < max(size.0, 20) || size.0 == 0 && $0.count < 80 })
        #expect(lines.count < (size.1 == 0 ? 24 : size.1))
    }

    @Test func namesTheBusiestWhereNotAllFit() {
        var summary = LiveSummary(MadeUpRun(ranks: 12, layers: 1, steps: 1).state(), at: 1)
        summary.rankLoads = [0.85, 0.84, 0.83, 1.4, 0.81, 0.8, 0.79, 2.1, 0.77, 0.76, 0.75, 0.74]
        summary.rankPeaks = summary.rankLoads
        let lines = LiveBlock(summary, options: .init(width: 80, height: 9)).lines
        #expect(lines.count == 8)
        #expect(lines[4].hasPrefix("rank  7 ") && lines[5].hasPrefix("rank  3 "))
        #expect(lines[6] == "10 more ranks: 0.74 to 0.85")
    }

    @Test func controlCharactersOfNamesDoNotReachTheTerminal() {
        var run = MadeUpRun().run
        run.config = "a\u{1B}[2Jb"
        let lines = Self.block(LiveState(run: run)).lines
        #expect(lines[0].hasSuffix("a?[2Jb"))
    }
}
