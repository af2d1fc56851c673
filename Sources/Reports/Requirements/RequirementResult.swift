public import Figures
import Basics

/// The result of a requirement.
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
    /// What its keys are.
    public static let meanings = [
        "actual": "The figure, or null where the run has none (wrong tokens of a run that was not verified).",
        "is_met": "True when the figure is there and keeps its threshold.",
        "requirement": "The requirement, for example `balancedness>=0.8`.",
    ]
}
