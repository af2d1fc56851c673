import MoE
import Testing

@Suite("Load statistics and summaries")
struct StatisticsTests {
    @Test func figuresOfAKnownLoad() {
        let statistics = LoadStatistics([2, 4, 4, 4, 5, 5, 7, 9])  // mean 5, standard deviation 2
        #expect(statistics.imbalance == 1.8)
        #expect(abs(statistics.balancedness - 5.0 / 9) < 1e-15)
        #expect(statistics.coefficientOfVariation == 0.4)
        #expect(abs(statistics.maxViolation - 0.8) < 1e-15)
        #expect(LoadStatistics([0.5, 1.5]).imbalance == 1.5)
    }

    @Test func noLoadCountsAsEven() {
        for statistics in [LoadStatistics([0, 0, 0]), LoadStatistics([Double]()), LoadStatistics([7, 7])] {
            #expect(statistics.imbalance == 1)
            #expect(statistics.balancedness == 1)
            #expect(statistics.coefficientOfVariation == 0)
            #expect(statistics.maxViolation == 0)
        }
    }

    /// The percentiles are those of numpy.percentile([5, 1, 4, 2], [50, 90]).
    @Test func percentilesAreLinearBetweenNeighbours() throws {
        let summary = try #require(Summary([5, 1, 4, 2]))
        #expect(summary.mean == 3)
        #expect(summary.p50 == 3)
        #expect(abs(summary.p90 - 4.7) < 1e-12)
        #expect(summary.max == 5)
        #expect(Summary.percentile(0, ofSorted: [1, 2]) == 1)
        #expect(Summary.percentile(1, ofSorted: [1, 2]) == 2)
    }

    @Test func oneValueIsItsOwnSummary() throws {
        let summary = try #require(Summary([7]))
        #expect([summary.mean, summary.p50, summary.p90, summary.max] == [7, 7, 7, 7])
        #expect(Summary([]) == nil)
    }
}
