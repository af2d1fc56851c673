public import Basics

/// Two runs, two sets of runs or two sweeps beside each other: what differs, how sure that is, and what a reader should
/// know. B is held against A.
public struct ComparisonReport: Codable, Equatable, Sendable {
    /// The version of the JSON's layout.
    public static let schemaVersion = 1

    /// What counts as a repeat.
    public enum Repeats: String, Codable, Sendable {
        /// The measured steps of one run each. They follow one another in one process, so they may depend on each other, and
        /// the interval is then too narrow.
        case steps
        /// Runs, each with processes of its own.
        case runs
    }

    /// A point that only one side has.
    public struct Unmatched: Codable, Equatable, Sendable {
        /// `a` or `b`.
        public let side: String
        /// What the sweep varies, `key=value`.
        public let parameters: [String]
    }

    /// Version of the JSON's layout.
    public let schemaVersion: Int
    /// The part of intervals that hold the truth, 0 to 1.
    public let confidence: Double
    /// What counts as a repeat.
    public let repeats: Repeats
    /// What A is.
    public let a: SideDescription
    /// What B is.
    public let b: SideDescription
    /// Why the sides may not be comparable.
    public let warnings: [String]
    /// Keys of the configuration whose values differ.
    public let configDifferences: [ConfigDifference]
    /// The points that both have, in A's order; one without parameters for runs.
    public let points: [PointComparison]
    /// The points that only one has.
    public let unmatched: [Unmatched]

    /// Compares two sides.
    ///
    /// - Parameters:
    ///   - confidence: above 0 and below 1.
    ///   - configDifferences: what differs between the configurations, as far as the caller knows.
    ///   - notes: further warnings, which only the caller can know of.
    /// - Throws: ``ReportError`` when one side is a sweep and the other is not, or they have no point in common.
    public init(
        _ a: ComparisonSide,
        _ b: ComparisonSide,
        confidence: Double = 0.95,
        configDifferences: [ConfigDifference] = [],
        notes: [String] = []
    ) throws(ReportError) {
        guard confidence > 0, confidence < 1 else {
            throw ReportError(.record, "a confidence of \(confidence): above 0 and below 1 is allowed")
        }
        schemaVersion = Self.schemaVersion
        self.confidence = confidence
        self.configDifferences = configDifferences
        (self.a, self.b) = (a.description, b.description)
        let isSingle = a.reports.count == 1 && b.reports.count == 1
        repeats = isSingle ? .steps : .runs
        switch (a.content, b.content) {
        case (.runs(let first), .runs(let second)):
            points = [
                isSingle
                    ? PointComparison(stepsOf: first[0], second[0], confidence: confidence)
                    : PointComparison(runs: first, second, confidence: confidence)
            ]
            unmatched = []
        case (.sweep(let first), .sweep(let second)):
            let match = SweepMatch(first, second)
            guard !match.both.isEmpty else { throw Self.nothingInCommon(a, b) }
            points = match.both.map { PointComparison($0.parameters, $0.a, $0.b, confidence: confidence) }
            unmatched =
                match.onlyA.map { Unmatched(side: "a", parameters: $0) }
                + match.onlyB.map { Unmatched(side: "b", parameters: $0) }
        default:
            throw ReportError(.record, "a sweep can only be compared with a sweep, and runs only with runs")
        }
        // Points of two sweeps of one file have the same names.
        let areSame = a.rows == b.rows && self.a.runs == self.b.runs
        warnings = ComparisonWarnings.all(self.a, self.b, areSame: areSame) + notes
    }

    /// The comparison as JSON, as ``Report/json()`` writes it.
    public func json() throws(JSONError) -> String { try JSONText.of(self, called: "the comparison") }

    private static func nothingInCommon(_ a: ComparisonSide, _ b: ComparisonSide) -> ReportError {
        let keys = [a, b].map { $0.rows.first?.parameters.map(\.key).joined(separator: ", ") ?? "" }
        return ReportError(
            .record,
            "the sweeps have no point in common: A varies \(keys[0].isEmpty ? "nothing" : keys[0]), B varies "
                + "\(keys[1].isEmpty ? "nothing" : keys[1]); points are matched by all that is varied"
        )
    }
}
