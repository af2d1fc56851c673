import CostModel
import Foundation
import Tensors

/// The numbers of rows of the experts on the one rank that a published benchmark of expert products timed.
///
/// Only to reproduce that benchmark: a prediction counts the rows of its own routing. The rules are those of the
/// benchmark's source (ai-dynamo/aiconfigurator, collector of expert-parallel DeepSeek layers), and its tables agree
/// with them:
/// - Uniform, prefill: rows are packed without padding, and a block of 128 rows takes the weights of the expert of its
///   first row. With less than 128 rows per expert most weights are never read, which no real router does.
/// - Uniform, decode: equal rows for all experts; with fewer copies than experts, one row for each of the first.
/// - Power law: popularities by inverse CDF, scaled to the copies; the rank with most rows is timed. The tables hold
///   the mean of five draws of an unknown seed, so the mean over ``draws`` draws of a fixed seed stands for them.
struct BenchmarkLoads {
    /// The number of draws from a power law whose mean stands for the benchmark's draws.
    static let draws = 64
    private static let seed: UInt64 = 0x5EED
    private static let blockRows = 128

    private let setting: ExpertSetting
    private var localExperts: Int { setting.experts / setting.gpus }
    private var copies: Int { setting.tokens * setting.choices }

    init(_ setting: ExpertSetting) { self.setting = setting }

    /// The number of rows of each expert of the rank, `[draws][experts of the rank]`; one draw for uniform routing.
    var rows: [[Double]] {
        switch setting.routing {
        case .uniform: [setting.kernel == .masked ? uniformDecode : uniformPrefill]
        case .powerLaw(let exponent): powerLaw(exponent)
        }
    }

    private var uniformDecode: [Double] {
        let each = copies / setting.experts
        if each > 0 { return [Double](repeating: Double(each), count: localExperts) }
        let filled = max(1, min(localExperts, setting.tokens / setting.gpus * setting.choices))
        return (0..<localExperts).map { $0 < filled ? 1 : 0 }
    }

    private var uniformPrefill: [Double] {
        let each = copies / setting.experts
        var rows = [Double](repeating: 0, count: localExperts)
        guard each > 0 else { return rows }
        for first in stride(from: 0, to: localExperts * each, by: Self.blockRows) {
            rows[first / each] += Double(Self.blockRows)
        }
        return rows
    }

    private func powerLaw(_ exponent: Double) -> [[Double]] {
        // With few copies the benchmark draws from another range.
        let (low, high) = copies > setting.experts ? (1, 0.8 * Double(setting.tokens)) : (0.01, 2)
        return (0..<Self.draws).map { draw in
            let popularity = (0..<setting.experts).map { expert in
                var random = SplitMix64(seed: Self.seed, index: draw * setting.experts + expert)
                let uniform = random.uniform()
                return Self.inverse(uniform, exponent, low, high)
            }
            return busiest(scaled(popularity)).map { Double($0) }
        }
    }

    /// The value below which a power law on `low...high` has the probability `uniform`.
    private static func inverse(_ uniform: Double, _ exponent: Double, _ low: Double, _ high: Double) -> Double {
        if abs(exponent - 1) < 1e-9 { return low * pow(high / low, uniform) }
        let power = 1 - exponent
        let (first, last) = (pow(low, power), pow(high, power))
        return pow((last - first) * uniform + first, 1 / power)
    }

    /// Whole numbers of rows in proportion to popularities. Rows that rounding lost are added to the most popular
    /// experts; rows that rounding added are taken from the least popular ones, or, where these have none, from the
    /// expert with most.
    private func scaled(_ popularity: [Double]) -> [Int] {
        let sum = popularity.reduce(0, +)
        var rows = popularity.map { Int(($0 / sum * Double(copies)).rounded(.toNearestOrEven)) }
        let order = rows.indices.sorted { (-rows[$0], $0) < (-rows[$1], $1) }
        let lost = copies - rows.reduce(0, +)
        for index in 0..<max(0, lost) { rows[order[index % rows.count]] += 1 }
        for index in 0..<max(0, -lost) {
            let least = order[rows.count - 1 - index % rows.count]
            let most = rows.indices.max { (rows[$0], $1) < (rows[$1], $0) } ?? least
            rows[rows[least] > 0 ? least : most] -= 1
        }
        return rows
    }

    private func busiest(_ rows: [Int]) -> [Int] {
        let parts = (0..<setting.gpus).map { Array(rows[$0 * localExperts..<($0 + 1) * localExperts]) }
        let sums = parts.map { $0.reduce(0, +) }
        return parts[sums.firstIndex(of: sums.max() ?? 0) ?? 0]
    }
}
