/// The tokens of a source that are tokens and not padding, as runs of its rows.
struct KeptTokens: Equatable, Sendable {
    /// Rows of the source, padding among them.
    let total: Int
    /// The tensors that tell padding, in words; nil where nothing is left out.
    let reason: String?
    /// The rows that are kept, ascending.
    private let runs: [Range<Int>]
    /// The number of kept rows before each run, and of all.
    private let starts: [Int]

    /// All rows of a source.
    init(all total: Int) {
        self.total = total
        reason = nil
        runs = total > 0 ? [0..<total] : []
        starts = total > 0 ? [0, total] : [0]
    }

    /// The rows whose flag is true.
    init(_ flags: [Bool], reason: String) {
        var runs: [Range<Int>] = []
        var row = 0
        while let first = flags[row...].firstIndex(of: true) {
            let end = flags[first...].firstIndex(of: false) ?? flags.count
            runs.append(first..<end)
            row = end
        }
        total = flags.count
        self.runs = runs
        starts = runs.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
        self.reason = starts[runs.count] == flags.count ? nil : reason
    }

    /// Tokens that are kept.
    var count: Int { starts[starts.count - 1] }

    /// The row of the source of a kept token.
    func row(of token: Int) -> Int {
        let run = self.run(of: token)
        return runs[run].lowerBound + token - starts[run]
    }

    /// The rows of consecutive kept tokens, in runs.
    func rows(_ tokens: Range<Int>) -> [Range<Int>] {
        var rows: [Range<Int>] = []
        var token = tokens.lowerBound
        while token < tokens.upperBound {
            let run = self.run(of: token)
            let end = min(tokens.upperBound, starts[run + 1])
            let first = runs[run].lowerBound + token - starts[run]
            rows.append(first..<first + end - token)
            token = end
        }
        return rows
    }

    /// The number of kept tokens among the first rows.
    func count(before row: Int) -> Int {
        var (low, high) = (0, runs.count)
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].lowerBound < row { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return 0 }
        return starts[low - 1] + min(row, runs[low - 1].upperBound) - runs[low - 1].lowerBound
    }

    /// The run that holds a kept token.
    private func run(of token: Int) -> Int {
        var (low, high) = (0, runs.count - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if starts[middle] <= token { low = middle } else { high = middle - 1 }
        }
        return low
    }

    /// What was left out, for a reader of the results; nil for nothing.
    var note: String? {
        reason.map { Self.note(padding: total - count, of: total, by: $0) }
    }

    /// What a reader of the results is told of padding that is left out.
    static func note(padding: Int, of total: Int, by reason: String) -> String {
        "\(padding) of \(total) tokens are padding by \(reason) and count nowhere: not in loads, losses or traffic"
    }
}
