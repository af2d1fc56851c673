import Basics
public import CostModel

/// The errors of a class of rows of one table.
public struct Score: Codable, Equatable, Sendable {
    /// The table.
    public let file: String
    /// The rows.
    public let rows: String
    /// Errors with the constants of the profile.
    public let errors: ErrorSummary
    /// Errors over five folds, each predicted by constants that were fitted to the others; nil unless asked for, and
    /// where nothing was fitted.
    public let folds: ErrorSummary?
    /// The row with the largest error.
    public let worst: RowPrediction
    /// What the errors are meant to be, or nil.
    public let target: ErrorTarget?
    /// Whether they are, or nil without a target.
    public let isMet: Bool?
}

/// The scores of one table, and what was fitted on which rows to get them.
public struct TableScore: Codable, Equatable, Sendable {
    /// The table.
    public let file: String
    /// What it holds.
    public let kind: TimingKind
    /// Rows.
    public let rows: Int
    /// The hardware.
    public let hardware: [String]
    /// The constants that the predictions read and that were fitted on this hardware.
    public let fittedConstants: [HardwareConstant]
    /// On which rows they were, by the profile.
    public let fittedOn: [String]
    /// Scores by class of rows.
    public let scores: [Score]
}

/// The errors of rows of a kind under constants that were fitted without any of them.
public struct HeldOutScore: Codable, Equatable, Sendable {
    /// The hardware.
    public let hardware: String
    /// The rows.
    public let rows: String
    /// Errors.
    public let errors: ErrorSummary
}

/// The target for the errors of a class of rows.
public struct ErrorTarget: Codable, Equatable, Sendable {
    /// What a median over folds may be of the median of the fit.
    public static let foldRatio = 1.3

    /// The largest median.
    public let median: Double
    /// The largest 95th percentile, or nil.
    public let p95: Double?
    /// The largest error of any row, or nil.
    public let largest: Double?

    /// Whether errors are within it; those over folds, too, when there are any.
    public func isMet(by errors: ErrorSummary, folds: ErrorSummary?) -> Bool {
        errors.median <= median && errors.p95 <= p95 ?? .infinity && errors.largest <= largest ?? .infinity
            && (folds.map { $0.median <= Self.foldRatio * errors.median } ?? true)
    }
}

/// A measured time and what the model says.
public struct RowPrediction: Codable, Equatable, Sendable {
    /// The table.
    public let file: String
    /// Its line.
    public let line: Int
    /// The hardware.
    public let hardware: String
    /// What was measured.
    public let figure: TimingFigure
    /// The setting, in words.
    public let setting: String
    /// Microseconds.
    public let measuredUs: Double
    /// Microseconds.
    public let predictedUs: Double
    /// Predicted over measured, less 1.
    public let error: Double
    /// The error of a prediction by constants that were fitted without this row and every fifth like it; nil unless
    /// asked for, and where nothing was fitted.
    public let foldError: Double?
    /// Where the row lies beyond the range of the data that the model was checked on.
    public let notes: [String]
}

/// Relative errors in short.
public struct ErrorSummary: Codable, Equatable, Sendable {
    /// How many there are.
    public let count: Int
    /// Median of the absolute errors; 0.1 is a tenth.
    public let median: Double
    /// 95th percentile of the absolute errors, between neighbours in proportion.
    public let p95: Double
    /// The largest absolute error.
    public let largest: Double
    /// Median of the signed errors: above 0 when predictions are too slow.
    public let bias: Double

    /// The summary of signed errors, or nil when there is none.
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
    /// `uniform` or `power law 1.2`.
    public var description: String {
        switch self {
        case .uniform: "uniform"
        case .powerLaw(let exponent): "power law \(exponent)"
        }
    }
}
