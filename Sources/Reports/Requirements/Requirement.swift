public import Basics
public import Figures

/// A threshold that a run must keep, for example `balancedness>=0.8`.
public struct Requirement: Codable, Equatable, Sendable, CustomStringConvertible {
    /// The figure as it was written: its path in `report.json`, or a shorter name of the catalogue.
    public let name: String
    /// The comparison of the figure with the threshold.
    public let comparison: Comparison
    /// The number that the figure is compared with.
    public let threshold: Double

    /// A requirement on one figure, by its shortest name.
    public init(_ figure: Figure, _ comparison: Comparison, _ threshold: Double) {
        self.init(figure.aliases.first ?? figure.path, comparison, threshold)
    }

    private init(_ name: String, _ comparison: Comparison, _ threshold: Double) {
        self.name = name
        self.comparison = comparison
        self.threshold = threshold
    }

    /// Read `NAME OPERATOR NUMBER`; spaces around the operator do not matter.
    ///
    /// - Throws: ``ReportError`` that names what is wrong and lists what is allowed.
    public init(parsing text: String) throws(ReportError) {
        let what = "requirement '\(Printable.text(text))'"
        guard let start = text.firstIndex(where: { "<>=!".contains($0) }),
            let comparison = Comparison.allCases.first(where: { text[start...].hasPrefix($0.rawValue) })
        else {
            throw ReportError(.requirement, "\(what) has no operator; allowed are \(Self.operators)")
        }
        let word = Self.trim(text[..<start])
        guard FigureName(word) != nil else {
            throw ReportError(.requirement, "\(what): \(FigureName.unknown(word))")
        }
        let number = Self.trim(text[start...].dropFirst(comparison.rawValue.count))
        guard let threshold = Double(number), threshold.isFinite else {
            throw ReportError(.requirement, "\(what): '\(Printable.text(number))' is not a finite number")
        }
        self.init(word, comparison, threshold)
    }

    /// The requirement as it would be written, without spaces.
    public var description: String { "\(name)\(comparison.rawValue)\(threshold)" }

    /// Compare the figure in `report` with the threshold; a figure that the report lacks misses.
    public func evaluate(_ report: Report) -> RequirementResult {
        let actual = FigureName(name).flatMap { report.figures[$0] }
        let isMet = actual.map { comparison.holds($0, threshold) } ?? false
        return RequirementResult(requirement: description, actual: actual, isMet: isMet)
    }

    private static let operators = Comparison.allCases.map(\.rawValue).joined(separator: " ")

    private static func trim(_ text: Substring) -> String {
        String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}

/// The operator between a figure and its threshold.
public enum Comparison: String, Codable, CaseIterable, Sendable {
    /// The figure is at least the threshold. Operators of two characters stand first, so that they are tried first.
    case atLeast = ">="
    /// The figure is at most the threshold.
    case atMost = "<="
    /// The figure equals the threshold, bit for bit.
    case equal = "=="
    /// The figure is above the threshold.
    case above = ">"
    /// The figure is below the threshold.
    case below = "<"

    /// True when `value` stands in this relation to `threshold`.
    public func holds(_ value: Double, _ threshold: Double) -> Bool {
        switch self {
        case .atLeast: value >= threshold
        case .atMost: value <= threshold
        case .equal: value == threshold
        case .above: value > threshold
        case .below: value < threshold
        }
    }
}

/// The result of comparing a requirement with a report.
public struct RequirementResult: Codable, Equatable, Sendable, CustomStringConvertible {
    /// The requirement, for example `balancedness>=0.8`.
    public let requirement: String
    /// The figure, or nil where the run has none (wrong tokens of a run that was not verified).
    @OrNull public internal(set) var actual: Double?
    /// True when the figure is there and keeps its threshold.
    public let isMet: Bool

    /// One line: the requirement, `met` or `missed`, and the figure.
    public var description: String {
        let figure = actual.map { FixedPoint.text($0, significant: 6) } ?? "not known"
        return "requirement \(requirement): \(isMet ? "met" : "missed"), actual \(figure)"
    }
}

extension RequirementResult: KeyMeanings {
    /// The meaning of each key in the JSON of this type, by the key in snake case.
    public static let meanings = [
        "actual": "The figure, or null where the run has none (wrong tokens of a run that was not verified).",
        "is_met": "True when the figure is there and keeps its threshold.",
        "requirement": "The requirement, for example `balancedness>=0.8`.",
    ]
}
