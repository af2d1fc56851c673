import Figures
import MoE

/// All runs of one point of a sweep, over its seeds and repeats.
public struct PointGroup: Equatable, Sendable {
    /// The values of the varied keys at the point.
    public let parameters: [SweepParameter]
    /// The values of the keys that only some points read.
    public let set: [SweepParameter]
    /// The runs that did not fail.
    public let finished: [PointRecord]
    /// The runs that failed.
    public let failed: [PointRecord]

    /// The groups of a summary, in the order in which their points come first.
    public static func all(_ rows: [SweepRow]) -> [PointGroup] {
        var order: [[String?]] = []
        var byPoint: [[String?]: [SweepRow]] = [:]
        for row in rows {
            let values = row.parameters.map(\.text)
            if byPoint[values, default: []].isEmpty { order.append(values) }
            byPoint[values, default: []].append(row)
        }
        return order.compactMap { byPoint[$0] }.map { PointGroup($0) }
    }

    private init(_ rows: [SweepRow]) {
        parameters = rows.first?.parameters ?? []
        set = rows.first?.set ?? []
        finished = rows.map(\.record).filter { $0.status != .failed }
        failed = rows.map(\.record).filter { $0.status == .failed }
    }

    /// Return the value of a varied key as a number; nil where it is not one.
    public func number(_ key: String) -> Double? {
        parameters.first { $0.key == key }?.text.flatMap { Double($0) }
    }

    /// Return the median of a figure over the runs that did not fail, or nil where none has it.
    public func median(_ figure: (PointFigures) -> Double?) -> Double? {
        Summary(finished.compactMap { figure($0.figures) })?.p50
    }

    /// Median over the runs of their median seconds of a step; nil where no run has any.
    public var stepSeconds: Double? { median { $0[.stepSeconds] } }

    /// The spread of the runs' median seconds of a step: (max - min) / median; nil for fewer than two runs.
    public var spread: Double? { spread { $0[.stepSeconds] } }

    /// Return the spread of a figure over the runs that did not fail, (max - min) / median; nil for fewer than two runs
    /// that have it.
    public func spread(_ figure: (PointFigures) -> Double?) -> Double? {
        range(figure).flatMap { range in
            median(figure).flatMap { Average.ratio(range.upperBound - range.lowerBound, $0) }
        }
    }

    /// Return the least to the largest value of a figure over the runs that did not fail; nil for fewer than two runs
    /// that have it.
    public func range(_ figure: (PointFigures) -> Double?) -> ClosedRange<Double>? {
        let values = finished.compactMap { figure($0.figures) }
        guard values.count > 1, let least = values.min(), let most = values.max() else { return nil }
        return least...most
    }
}
