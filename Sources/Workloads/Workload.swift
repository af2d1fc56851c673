/// A source of tokens: the same step gives the same batch, in any order and in any process.
public protocol Workload: Sendable {
    /// What a report says about it.
    var summary: WorkloadSummary { get }

    /// The tokens of one step.
    ///
    /// - Parameter step: counted from 0, warm-up included.
    /// - Throws: ``WorkloadError`` when the file's content for this step is not usable.
    func batch(step: Int) throws(WorkloadError) -> WorkloadBatch
}
