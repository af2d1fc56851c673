import Basics
public import CostModel

/// The errors of a class of rows of one table.
public struct Score: Codable, Equatable, Sendable {
    /// The name of the table.
    public let file: String
    /// The name of the class of rows.
    public let rows: String
    /// The errors of predictions by the constants of the profile.
    public let errors: ErrorSummary
    /// The errors over five folds, each predicted by constants that were fitted to the others; nil without
    /// cross-validation, and where no constant was fitted.
    public let folds: ErrorSummary?
    /// The row with the largest error.
    public let worst: RowPrediction
    /// The limits that the errors should stay within, or nil for a class without a target.
    public let target: ErrorTarget?
    /// Whether the target is met, or nil without one.
    public let isMet: Bool?
}

/// The scores of one table, with the fitted constants behind them.
public struct TableScore: Codable, Equatable, Sendable {
    /// The name of the table.
    public let file: String
    /// The kind of the table.
    public let kind: TimingKind
    /// The number of rows.
    public let rows: Int
    /// The names of the hardware profiles.
    public let hardware: [String]
    /// The constants that the predictions use and that were fitted on this hardware.
    public let fittedConstants: [HardwareConstant]
    /// The sources of the fitted constants in the profile: the rows that they were fitted to.
    public let fittedOn: [String]
    /// The scores by class of rows.
    public let scores: [Score]
}

/// The errors of a group of rows under constants that were fitted without any of them.
public struct HeldOutScore: Codable, Equatable, Sendable {
    /// The name of the hardware profile.
    public let hardware: String
    /// The name of the group of rows.
    public let rows: String
    /// The errors of the predictions.
    public let errors: ErrorSummary
}

/// The target for the errors of a class of rows.
public struct ErrorTarget: Codable, Equatable, Sendable {
    /// The limit on the median error over folds, as a multiple of the median error by the constants of the profile.
    public static let foldRatio = 1.3

    /// The largest allowed median error.
    public let median: Double
    /// The largest allowed 95th percentile of errors, or nil.
    public let p95: Double?
    /// The largest allowed error of any row, or nil.
    public let largest: Double?

    /// Whether the errors stay within the limits and, where there are folds, the median over folds stays within
    /// ``foldRatio`` times the median of the errors.
    public func isMet(by errors: ErrorSummary, folds: ErrorSummary?) -> Bool {
        errors.median <= median && errors.p95 <= p95 ?? .infinity && errors.largest <= largest ?? .infinity
            && (folds.map { $0.median <= Self.foldRatio * errors.median } ?? true)
    }
}

/// A measured time with the predicted one.
public struct RowPrediction: Codable, Equatable, Sendable {
    /// The name of the table.
    public let file: String
    /// The line of the row in the file, from 1.
    public let line: Int
    /// The name of the hardware profile.
    public let hardware: String
    /// The figure that was measured.
    public let figure: TimingFigure
    /// The kernel or product that was run, with its sizes, in words.
    public let setting: String
    /// The measured time, in microseconds.
    public let measuredUs: Double
    /// The predicted time, in microseconds.
    public let predictedUs: Double
    /// The relative error: predicted / measured - 1.
    public let error: Double
    /// The error of a prediction by constants that were fitted without the fold of this row; nil without
    /// cross-validation, and where no constant was fitted.
    public let foldError: Double?
    /// Notes on sizes of the row beyond the range of the data that the model was checked on.
    public let notes: [String]
}

/// A summary of the relative errors of predictions.
public struct ErrorSummary: Codable, Equatable, Sendable {
    /// The number of errors.
    public let count: Int
    /// The median of the absolute errors; 0.1 is a tenth.
    public let median: Double
    /// The 95th percentile of the absolute errors, interpolated between neighbours.
    public let p95: Double
    /// The largest absolute error.
    public let largest: Double
    /// The median of the signed errors: above 0 when predictions are too slow.
    public let bias: Double

    /// Create the summary of signed errors; nil when there are none.
    public init?(_ errors: [Double]) {
        guard !errors.isEmpty else { return nil }
        let absolute = errors.map(abs).sorted()
        count = errors.count
        median = Self.quantile(absolute, 0.5)
        p95 = Self.quantile(absolute, 0.95)
        largest = absolute[absolute.count - 1]
        bias = Self.quantile(errors.sorted(), 0.5)
    }

    private static func quantile(_ sorted: [Double], _ part: Double) -> Double {
        let place = part * Double(sorted.count - 1)
        let below = Int(place)
        let above = min(below + 1, sorted.count - 1)
        return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
    }
}

extension TimingRow.Setting: CustomStringConvertible {
    /// The setting in a few words, for a line about a row.
    public var description: String {
        switch self {
        case .kernel(let kernel):
            let nodes = Counted.text(kernel.nodes, "node")
            let sms = kernel.sms.map { ", \($0) SMs" } ?? ""
            return "\(kernel.kernel.rawValue), \(kernel.gpus) ranks on \(nodes), \(kernel.experts) experts, "
                + "\(kernel.tokensPerGPU) tokens per rank\(sms)"
        case .experts(let experts):
            let phase = experts.kernel == .contiguous ? "prefill" : "decode"
            return "\(phase), \(experts.gpus) ranks, \(experts.tokens) tokens in all, \(experts.routing)"
        }
    }
}

extension BenchmarkRouting: CustomStringConvertible {
    /// The spread in words: `uniform` or `power law 1.2`.
    public var description: String {
        switch self {
        case .uniform: "uniform"
        case .powerLaw(let exponent): "power law \(exponent)"
        }
    }
}
