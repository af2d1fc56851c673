public import Basics
import Figures
import MoE

/// A comparison of two sides, A and B (runs, sets of runs or sweeps): the difference of each figure, its confidence
/// interval, and warnings.
public struct ComparisonReport: Codable, Equatable, Sendable {
    /// The version of the layout of a comparison's JSON.
    public static let schemaVersion = 1
    /// The confidence of intervals where nothing else is said.
    private static let usualConfidence = 0.95

    /// The unit that counts as one repeat of a figure in a comparison: a measured step or a whole run.
    public enum Repeats: String, Codable, Sendable {
        /// The measured steps of one run on each side. Steps follow one another in one process, so they may depend on
        /// each other, and the confidence interval is then too narrow.
        case steps
        /// Whole runs, each with processes of its own.
        case runs
    }

    /// A point of a sweep that only one of the two sides has.
    public struct Unmatched: Codable, Equatable, Sendable {
        /// The side that has the point: `a` or `b`.
        public let side: String
        /// The values of the varied keys at the point, each `key=value`.
        public let parameters: [String]
    }

    /// The version of the layout that this comparison has.
    public let schemaVersion: Int
    /// The confidence level of the intervals, above 0 and below 1: the share of intervals that hold the true
    /// difference; nil where the comparison is exact.
    @OrNull public private(set) var confidence: Double?
    /// True where both sides are predictions: every difference is certain then, and there are no intervals.
    public var isExact: Bool { confidence == nil }
    /// What the sides of an exact comparison are, and why it is exact.
    public static let exactSides = "predictions, which are the same in every repeat"
    /// The unit that counts as one repeat: a measured step or a whole run.
    public let repeats: Repeats
    /// The description of side A.
    public let a: SideDescription
    /// The description of side B.
    public let b: SideDescription
    /// The reasons for which the sides may not be comparable.
    public let warnings: [String]
    /// Keys of the configuration whose values differ between the sides.
    public let configDifferences: [ConfigDifference]
    /// The points of the sweeps that both sides have, in A's order; for runs, one point without parameters.
    public let points: [PointComparison]
    /// The points of the sweeps that only one side has.
    public let unmatched: [Unmatched]

    /// Compare two sides.
    ///
    /// - Parameters:
    ///   - confidence: the confidence of the intervals, above 0 and below 1; 0.95 where it is not given.
    ///   - configDifferences: the keys of the configuration whose values differ, as far as the caller knows.
    ///   - warnings: further warnings, which only the caller can know of.
    /// - Throws: ``ReportError`` when one side is a sweep and the other is not, when they have no point in common, when
    ///   the confidence is out of range, or when it is given for predictions.
    public init(
        _ a: ComparisonSide,
        _ b: ComparisonSide,
        confidence given: Double? = nil,
        configDifferences: [ConfigDifference] = [],
        warnings: [String] = []
    ) throws(ReportError) {
        let level = given ?? Self.usualConfidence
        guard level > 0, level < 1 else {
            throw ReportError(.record, "a confidence of \(level): above 0 and below 1 is allowed")
        }
        schemaVersion = Self.schemaVersion
        self.configDifferences = configDifferences
        (self.a, self.b) = (a.description, b.description)
        let isExact = self.a.clocks == [.modelled] && self.b.clocks == [.modelled]
        guard given == nil || !isExact else {
            throw ReportError(
                .record,
                "a confidence of \(level) has no meaning here: A and B are \(Self.exactSides)"
            )
        }
        let confidence = isExact ? nil : level
        self.confidence = confidence
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
        self.warnings =
            ComparisonWarnings.all(self.a, self.b, areSame: areSame)
            + ComparisonWarnings.work(a.reports, b.reports) + warnings
    }

    /// The comparison as JSON, as ``Report/json()`` writes it.
    public func json() throws(JSONError) -> String { try JSONText.of(self, called: "the comparison") }

    /// The comparison as comma-separated values: a row for each figure of each point; an empty field where there is no
    /// value.
    public var csv: String {
        let header = [
            "point", "figure", "title", "unit", "a", "b", "difference", "relative", "low", "high", "significant",
            "b_is_better", "verdict",
        ]
        let rows = points.flatMap { point in
            point.rows.map { row in
                let numbers = [
                    row.a?.mean, row.b?.mean, row.difference, row.relative, row.interval?.low, row.interval?.high,
                ]
                return [point.parameters.joined(separator: " "), row.figure, row.title, row.unit.rawValue]
                    + numbers.map { $0.map { "\($0)" } ?? "" }
                    + [row.isSignificant, row.bIsBetter].map { $0.map { "\($0)" } ?? "" } + [row.verdict.rawValue]
            }
        }
        return ([header] + rows).map(CSVField.row).joined()
    }

    private static func nothingInCommon(_ a: ComparisonSide, _ b: ComparisonSide) -> ReportError {
        let keys = [a, b].map { $0.rows.first?.parameters.map(\.key).joined(separator: ", ") ?? "" }
        return ReportError(
            .record,
            "the sweeps have no point in common: A varies \(keys[0].isEmpty ? "nothing" : keys[0]), B varies "
                + "\(keys[1].isEmpty ? "nothing" : keys[1]); points are matched by all that is varied"
        )
    }
}

/// The warnings that two sides may not be comparable, for example because their clocks or machines differ.
enum ComparisonWarnings {
    /// Return the warning that the runs of A and B do not do as much; empty for sweeps, whose points are matched.
    static func work(_ a: [Report], _ b: [Report]) -> [String] {
        func words(_ reports: [Report]) -> Set<String> {
            Set(reports.map { "\($0.run.workload.tokensPerStep) tokens a step over \($0.run.model.layers) MoE layers" })
        }
        let (ofA, ofB) = (words(a), words(b))
        guard ofA != ofB, !ofA.isEmpty, !ofB.isEmpty else { return [] }
        let (inA, inB) = (WordList.all(ofA.sorted()), WordList.all(ofB.sorted()))
        return ["the work differs: A has \(inA), B has \(inB); times and bytes of a step do not compare, loads do"]
    }

    /// Return the warnings about sides A and B, in a fixed order.
    ///
    /// - Parameter areSame: whether both sides are the same runs.
    static func all(_ a: SideDescription, _ b: SideDescription, areSame: Bool) -> [String] {
        var warnings: [String] = []
        func compare<Value: Equatable>(_ values: (SideDescription) -> [Value], _ text: (String, String) -> String) {
            let (ofA, ofB) = (values(a), values(b))
            guard ofA != ofB, !ofA.isEmpty, !ofB.isEmpty else { return }
            let words = [ofA, ofB].map { $0.map { "\($0)" }.joined(separator: ", ") }
            warnings.append(text(words[0], words[1]))
        }
        compare(\.clocks) { "the clocks differ: A's times are \($0), B's are \($1)" }
        compare(\.hosts) { "the machines differ: A is of \($0), B of \($1)" }
        compare(\.versions) { "the versions of epsim differ: A is by \($0), B by \($1)" }
        compare(\.seeds) { "the seeds differ (A \($0), B \($1)): weights, noise and synthetic tokens do too" }
        for (side, name) in [(a, "A"), (b, "B")] {
            warnings += side.doubts.map { "\(name): run \($0)" }
            if side.isOversubscribed {
                warnings.append("\(name): more busy processes than cores, so times show sharing as well as work")
            }
        }
        if areSame { warnings.append("A and B are the same") }
        return warnings
    }
}

/// The points of two sweeps, matched by the values of the varied keys; the order of the keys does not matter.
struct SweepMatch {
    /// A point that both sweeps have.
    struct Pair {
        let parameters: [String]
        let a: [PointFigures]
        let b: [PointFigures]
    }

    private(set) var both: [Pair] = []
    private(set) var onlyA: [[String]] = []
    private(set) var onlyB: [[String]] = []

    init(_ a: [SweepRow], _ b: [SweepRow]) {
        let (ofA, ofB) = (PointGroup.all(a), PointGroup.all(b))
        let known = Dictionary(ofB.map { (Set($0.texts), $0) }, uniquingKeysWith: { first, _ in first })
        for group in ofA {
            if let other = known[Set(group.texts)] {
                both.append(
                    Pair(
                        parameters: group.texts,
                        a: group.finished.map(\.figures),
                        b: other.finished.map(\.figures)
                    )
                )
            } else {
                onlyA.append(group.texts)
            }
        }
        let names = Set(ofA.map { Set($0.texts) })
        onlyB = ofB.map(\.texts).filter { !names.contains(Set($0)) }
    }
}

extension PointGroup {
    /// The values of the varied keys, each `key=value`; keys that do not apply to the point are left out.
    fileprivate var texts: [String] {
        parameters.compactMap { parameter in parameter.text.map { "\(parameter.key)=\($0)" } }
    }
}

/// A key of the configuration whose values differ between two sides.
public struct ConfigDifference: Codable, Equatable, Sendable {
    /// The key in the configuration, with dots between its parts.
    public let key: String
    /// The value on side A, or nil where the key does not apply.
    @OrNull public private(set) var a: String?
    /// The value on side B, or nil where the key does not apply.
    @OrNull public private(set) var b: String?

    /// Return the keys whose values differ between two configurations (texts by dotted key), sorted; the keys `without`
    /// do not count.
    public static func all(_ a: [String: String], _ b: [String: String], without: Set<String> = [])
        -> [ConfigDifference]
    {
        Set(a.keys).union(b.keys).subtracting(without).sorted().filter { a[$0] != b[$0] }.map { key in
            ConfigDifference(key: key, a: OrNull(wrappedValue: a[key]), b: OrNull(wrappedValue: b[key]))
        }
    }

    private init(key: String, a: OrNull<String>, b: OrNull<String>) {
        self.key = key
        _a = a
        _b = b
    }
}
