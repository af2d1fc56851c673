import Figures
import MadeUpRuns
import Reports
import Testing

@testable import Sweeps

@Suite("The best point of a sweep")
struct SweepWinnerTests {
    /// Points by their tokens/s per rank, one value for each run.
    private func groups(
        _ points: [(name: String, rates: [Double])],
        status: RunStatus = .valid,
        change: @escaping (String, inout PointFigures) -> Void = { _, _ in }
    ) throws -> [PointGroup] {
        let rows = try points.flatMap { name, rates in
            try rates.enumerated().map { turn, rate in
                let record = try SweepSamples.record(name, repeat: turn + 1, step: 1 / rate, status: status) {
                    figures in
                    figures[.tokensPerSecondPerRank] = rate
                    // More ranks have more throughput, whatever each of them has.
                    figures[.tokensPerSecond] = 1e6 / rate
                    change(name, &figures)
                }
                return SweepSamples.row([("a.x", name)], record)
            }
        }
        return PointGroup.all(rows)
    }

    @Test func mostPerRankWins() throws {
        let winner = SweepWinner(try groups([("1", [100, 101]), ("2", [200, 210]), ("3", [150, 151])]))
        #expect(winner.winner?.label == "a.x=2" && winner.ranked.map(\.label) == ["a.x=2", "a.x=3", "a.x=1"])
        #expect(winner.sentence == "Best is a.x=2: the most tokens/s per rank, 205")
        let fastest = SweepWinner(try groups([("1", [100, 101]), ("2", [200, 210])]), goal: .latency)
        #expect(fastest.winner?.label == "a.x=2" && fastest.sentence.hasPrefix("Best is a.x=2: the shortest step, "))
    }

    @Test func aLeadWithinTheSpreadIsNone() throws {
        let winner = SweepWinner(try groups([("1", [100, 140]), ("2", [139, 200])]))
        #expect(winner.winner == nil && winner.ranked.first?.label == "a.x=2")
        #expect(
            winner.sentence
                == "No point is named the best: a.x=2 has the most tokens/s per rank, 170, but a.x=1 is within the "
                + "spread of the runs"
        )
        let single = SweepWinner(try groups([("1", [100]), ("2", [200])]))
        #expect(single.winner == nil && single.sentence.hasSuffix("but one run of a point tells no spread (repeats)"))
    }

    @Test(arguments: [
        (Figure.droppedFraction, "it drops 12.5 % of its copies"),
        (Figure.unservedFraction, "it leaves 12.5 % of tokens without an expert"),
    ])
    func whatLosesTokensDoesNotWin(figure: Figure, words: String) throws {
        let winner = SweepWinner(
            try groups([("1", [100, 101]), ("2", [200, 201])]) { name, figures in
                figures[figure] = name == "2" ? 0.125 : 0
            }
        )
        #expect(winner.winner == nil && winner.sentence.hasSuffix(", but \(words)"), "\(winner.sentence)")
        let other = SweepWinner(
            try groups([("1", [100, 101]), ("2", [200, 201])]) { name, figures in
                figures[figure] = name == "1" ? 0.125 : 0
            }
        )
        #expect(other.winner?.label == "a.x=2")
    }

    @Test func aPointOfWhichARunFailedDoesNotWin() throws {
        let rows = try [("1", 100.0), ("1", 101), ("2", 200), ("2", 201)].enumerated().map { turn, point in
            let record = try SweepSamples.record(point.0, repeat: turn + 1) { $0[.tokensPerSecondPerRank] = point.1 }
            return SweepSamples.row([("a.x", point.0)], record)
        }
        let failure = SweepSamples.row([("a.x", "2")], SweepSamples.failure("2", repeat: 9, "worker 0 is gone"))
        #expect(SweepWinner(PointGroup.all(rows)).winner?.label == "a.x=2")
        let winner = SweepWinner(PointGroup.all(rows + [failure]))
        #expect(winner.winner == nil && winner.sentence.hasSuffix(", but a run of it failed"), "\(winner.sentence)")
    }

    @Test func whatIsNotValidDoesNotWin() throws {
        let winner = SweepWinner(try groups([("1", [100, 101]), ("2", [200, 201])], status: .invalid))
        #expect(winner.winner == nil && winner.sentence.hasSuffix("a run of it is INVALID"))
        #expect(SweepWinner([]).sentence == "No run has come to its end yet")
    }
}
