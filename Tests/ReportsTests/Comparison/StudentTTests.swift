import Testing

@testable import Reports

/// Against scipy 1.17.1: `scipy.stats.t.ppf` and `scipy.stats.ttest_ind(b, a, equal_var=False)`.
@Suite("Intervals of differences")
struct StudentTTests {
    @Test(arguments: [
        (0.975, 1.0, 12.706204736174694), (0.975, 2, 4.302652729749462), (0.975, 5, 2.5705818356363146),
        (0.975, 10, 2.228138851986274), (0.975, 30, 2.0422724563012378), (0.975, 1000, 1.9623390808264083),
        (0.995, 4.5, 4.272823993011293), (0.9995, 1, 636.6192487687897), (0.75, 3, 0.7648923284043444),
        (0.975, 1e6, 1.959966356814107),
    ])
    func quantilesAreThoseOfScipy(probability: Double, degrees: Double, expected: Double) {
        let t = StudentT.quantile(probability, degrees: degrees)
        #expect(abs(t / expected - 1) < 1e-8, "\(t)")
    }

    private static let a = [10.2, 9.8, 10.5, 10.1, 9.9]
    private static let b = [9.1, 9.4, 8.8, 9.0]

    @Test(arguments: [
        (0.95, -1.4411028512807693, -0.6088971487192315), (0.99, -1.6431284725115498, -0.4068715274884508),
    ])
    func differencesAreThoseOfScipy(confidence: Double, low: Double, high: Double) throws {
        let a = try #require(RepeatSummary(Self.a, confidence: confidence))
        let b = try #require(RepeatSummary(Self.b, confidence: confidence))
        let interval = try #require(a.difference(to: b, confidence: confidence))
        #expect(abs(interval.low - low) < 1e-9 && abs(interval.high - high) < 1e-9, "\(interval)")
        let other = try #require(b.difference(to: a, confidence: confidence))
        #expect(abs(other.low + high) < 1e-9 && abs(other.high + low) < 1e-9)
    }

    @Test func meansHaveTheirInterval() throws {
        let a = try #require(RepeatSummary(Self.a, confidence: 0.95))
        #expect(abs(a.mean - 10.1) < 1e-12 && a.repeats == 5)
        #expect(abs((a.standardDeviation ?? 0) - 0.2738612787525827) < 1e-12)
        #expect(abs((a.halfWidth ?? 0) - (10.440043690329126 - 10.1)) < 1e-9)
    }

    @Test func fewValuesHaveNoInterval() throws {
        let one = try #require(RepeatSummary([3], confidence: 0.95))
        #expect(one.mean == 3 && one.standardDeviation == nil && one.halfWidth == nil)
        let two = try #require(RepeatSummary([3, 4], confidence: 0.95))
        #expect(one.difference(to: two, confidence: 0.95) == nil && two.difference(to: one, confidence: 0.95) == nil)
        #expect(RepeatSummary([], confidence: 0.95) == nil)
        #expect(RepeatSummary([1, .nan], confidence: 0.95) == nil)
        #expect(RepeatSummary([.greatestFiniteMagnitude, .greatestFiniteMagnitude, 1], confidence: 0.95) == nil)
    }

    @Test func valuesWithoutSpreadHaveAnExactDifference() throws {
        let a = try #require(RepeatSummary([0.1, 0.1, 0.1], confidence: 0.95))
        let b = try #require(RepeatSummary([0.3, 0.3], confidence: 0.95))
        #expect(a.mean == 0.1 && a.halfWidth == 0)
        #expect(a.difference(to: b, confidence: 0.95) == Interval(0.3 - 0.1, 0.3 - 0.1))
        // Spread whose square has no place in a number.
        let tiny = try #require(RepeatSummary([1e-170, 2e-170], confidence: 0.95))
        let interval = try #require(tiny.difference(to: tiny, confidence: 0.95))
        #expect(interval.low <= 0 && interval.high >= 0 && interval.low.isFinite)
    }
}
