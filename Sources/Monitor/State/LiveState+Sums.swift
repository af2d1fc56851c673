public import Records

extension LiveState {
    /// The sum over layers of a figure of one rank, over all measured steps.
    ///
    /// - Precondition: `rank` is one of the run's.
    public func sum<Value: AdditiveArithmetic>(ofRank rank: Int, _ value: (RankRecord) -> Value) -> Value {
        precondition((0..<run.ranks).contains(rank), "rank \(rank) is none of \(run.ranks)")
        return stride(from: rank, to: rankTotals.count, by: run.ranks).reduce(.zero) { $0 + value(rankTotals[$1]) }
    }
}
