import Foundation

/// The assignment A of tokens to experts under a cap on the experts of a token (Zhou et al. 2022, arXiv 2202.09368,
/// section 3.3).
///
/// A `[tokens, experts]` maximises sum of S A - lambda A log A, where the column of every expert sums to K, the row of
/// no token to more than b, and no entry is above 1. Each of these is a set onto which the solution is projected in
/// turn (Dykstra's algorithm), at most 100 times, with lambda = 0.001 as in the paper. It works on log A.
struct CappedChoice {
    private static let lambda = 0.001
    private static let mostRounds = 100
    /// The target of the projections: rounds end once the log of every column's sum is off by at most this error.
    private static let tolerance = 1e-9

    private let tokens: Int
    private let experts: Int
    /// The logarithm of the assignment A, `[tokens * experts]`.
    private(set) var logs: [Double]
    /// The part of log A that the last projection onto the entries up to 1 took off, `[tokens * experts]`.
    private var overOne: [Double]
    /// The part of log A that the last projection onto the rows up to b took off every entry of a row, `[tokens]`.
    private var overCap: [Double]

    /// Solve for scores S `[tokens * experts]`.
    ///
    /// - Parameters:
    ///   - perExpert: tokens that every expert takes, K, at least 1.
    ///   - cap: experts that may take a token, b, at least 1.
    init(scores: [Double], experts: Int, perExpert: Int, cap: Int) {
        self.experts = experts
        tokens = scores.count / experts
        logs = scores.map { $0 / Self.lambda }
        overOne = [Double](repeating: 0, count: scores.count)
        overCap = [Double](repeating: 0, count: tokens)
        guard tokens > 0 else { return }
        for _ in 0..<Self.mostRounds {
            let error = projectColumns(onto: log(Double(perExpert)))
            if error <= Self.tolerance { break }
            // Entries come first, so that a cap of all experts changes nothing.
            projectEntries()
            projectRows(upTo: log(Double(cap)))
        }
    }

    /// Scale the column of every expert so that the log of its sum is `target`, and return the largest error of these
    /// logs before.
    private mutating func projectColumns(onto target: Double) -> Double {
        var largest = [Double](repeating: -.infinity, count: experts)
        for (index, value) in logs.enumerated() { largest[index % experts] = max(largest[index % experts], value) }
        var sums = [Double](repeating: 0, count: experts)
        for (index, value) in logs.enumerated() where value != -.infinity {
            sums[index % experts] += exp(value - largest[index % experts])
        }
        // An expert that is masked for all tokens has no column to scale.
        let changes = zip(largest, sums).map { $0 == -.infinity ? 0 : target - $0 - log($1) }
        for index in logs.indices { logs[index] += changes[index % experts] }
        return changes.reduce(0) { max($0, abs($1)) }
    }

    private mutating func projectRows(upTo most: Double) {
        for token in 0..<tokens {
            let row = token * experts..<(token + 1) * experts
            let largest = logs[row].max() ?? 0
            let sum = largest + log(logs[row].reduce(0) { $0 + exp($1 - largest) })
            let excess = max(0, sum + overCap[token] - most)
            for index in row { logs[index] += overCap[token] - excess }
            overCap[token] = excess
        }
    }

    private mutating func projectEntries() {
        for index in logs.indices {
            let value = logs[index] + overOne[index]
            overOne[index] = max(0, value)
            logs[index] = min(0, value)
        }
    }

    /// The experts that take each token: pairs in descending order of A, then of score, as long as the expert has less
    /// than K tokens and the token less than b experts.
    ///
    /// The paper takes the K largest of every column; where A is not near 0 and 1, some tokens then have more than b.
    static func takers(scores: [Double], experts: Int, perExpert: Int, cap: Int) -> [[Int]] {
        let choice = CappedChoice(scores: scores, experts: experts, perExpert: perExpert, cap: cap)
        let pairs = choice.logs.indices.sorted { left, right in
            if choice.logs[left] != choice.logs[right] { return choice.logs[left] > choice.logs[right] }
            return (scores[right], left) < (scores[left], right)
        }
        var taken = [Int](repeating: 0, count: experts)
        var takers = [[Int]](repeating: [], count: choice.tokens)
        for pair in pairs {
            let (token, expert) = pair.quotientAndRemainder(dividingBy: experts)
            guard taken[expert] < perExpert, takers[token].count < cap, scores[pair] != -.infinity else { continue }
            taken[expert] += 1
            takers[token].append(expert)
        }
        return takers
    }
}
