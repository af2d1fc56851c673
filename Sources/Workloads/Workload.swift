/// A source of tokens: the same step gives the same batch, in any order and in any process.
public protocol Workload: Sendable {
    /// What a report says about it.
    var summary: WorkloadSummary { get }

    /// How often each vocabulary id occurs in the source, by id; nil where tokens have none.
    var tokenFrequencies: [Double]? { get }

    /// The tokens of one step.
    ///
    /// - Parameter step: counted from 0, warm-up included.
    /// - Throws: ``WorkloadError`` when the file's content for this step is not usable.
    func batch(step: Int) throws(WorkloadError) -> WorkloadBatch
}

extension Workload {
    /// Nil: the tokens have no ids.
    public var tokenFrequencies: [Double]? { nil }
}
