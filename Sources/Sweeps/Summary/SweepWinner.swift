import Basics
public import Figures
import Pages
public import Reports

/// What the best point of a sweep is best by. There is one meaning of the best: the page of a sweep and `--goal` share it.
public enum SweepGoal: String, CaseIterable, Sendable {
    /// The shortest time of a step.
    case latency
    /// The most tokens per second and rank.
    case throughput

    /// The figure in words, such as `the shortest step`.
    public var words: String {
        switch self {
        case .latency: "the shortest step"
        case .throughput: "the most \(figure.measure)"
        }
    }

    /// The figure by which points are ranked.
    public var figure: Figure {
        switch self {
        case .latency: .stepSeconds
        case .throughput: .tokensPerSecondPerRank
        }
    }
}

/// The points of a sweep by a goal, and the one that wins, if one does.
///
/// No point wins that drops copies, leaves tokens without an expert or has a run that failed or is not valid, since such
/// a point does less work than the others; nor one whose lead is within the spread of the runs.
public struct SweepWinner: Sendable {
    /// The points that have the figure of the goal, the best first.
    public let ranked: [PointGroup]
    /// The goal that the points are ranked by.
    public let goal: SweepGoal
    /// The reason for which the first of the points does not win, as the end of a sentence after its name; nil where it
    /// does.
    private let doubt: String?

    /// Rank points by a goal.
    public init(_ groups: [PointGroup], goal: SweepGoal = .throughput) {
        self.goal = goal
        let sign: Double = goal.figure.better == .lower ? -1 : 1
        let known = groups.compactMap { group in group.median(goal.value).map { (group, $0 * sign) } }
        let sorted = known.sorted { $0.1 > $1.1 }.map(\.0)
        ranked = sorted
        doubt = sorted.first.flatMap { Self.doubt($0, sorted.dropFirst(), goal) }
    }

    /// The point that wins, or nil.
    public var winner: PointGroup? { doubt == nil ? ranked.first : nil }

    /// The winner with its value, or why none is named, without the point at its end.
    public var sentence: String {
        guard let first = ranked.first, let value = first.median(goal.value) else {
            return "No run has come to its end yet"
        }
        let text = FigureText.text(value, goal.figure.unit)
        guard let doubt else { return "Best is \(first.label): \(goal.words), \(text)" }
        return "No point is named the best: \(first.label) has \(goal.words), \(text), but \(doubt)"
    }

    private static func doubt(_ first: PointGroup, _ others: ArraySlice<PointGroup>, _ goal: SweepGoal) -> String? {
        if first.finished.contains(where: { $0.status == .invalid }) { return "a run of it is INVALID" }
        if !first.failed.isEmpty { return "a run of it failed" }
        let losses: [(figure: Figure, start: String, end: String)] = [
            (.droppedFraction, "it drops", "of its copies"),
            (.unservedFraction, "it leaves", "of tokens without an expert"),
        ]
        let found = losses.compactMap { loss -> String? in
            let most = first.finished.compactMap { $0.figures[loss.figure] }.max() ?? 0
            guard most > 0 else { return nil }
            let percent = most < 0.0005 ? "less than 0.1 %" : FigureText.percent(most)
            return "\(loss.start) \(percent) \(loss.end)"
        }
        if !found.isEmpty { return found.joined(separator: " and ") }
        return others.lazy.compactMap { tie(first, $0, goal) }.first
    }

    /// The reason for which the lead of one point over another one is not certain, or nil.
    private static func tie(_ first: PointGroup, _ other: PointGroup, _ goal: SweepGoal) -> String? {
        let value = goal.value
        if first.finished.contains(where: { $0.clock == .measured }) {
            guard first.range(value) != nil, other.range(value) != nil else {
                return "one run of a point tells no spread (repeats)"
            }
        }
        guard let a = first.median(value), let b = other.median(value) else { return nil }
        let (mine, others) = (first.range(value) ?? a...a, other.range(value) ?? b...b)
        guard mine.overlaps(others) else { return nil }
        return a == b && mine == others
            ? "\(other.label) has as much" : "\(other.label) is within the spread of the runs"
    }
}

extension SweepGoal {
    /// The value of the figure in a run.
    var value: (PointFigures) -> Double? {
        let figure = figure
        return { $0[figure] }
    }
}
