import Tensors

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

    /// The tokens of one step without their hidden states, for who only routes.
    func outline(step: Int) throws(WorkloadError) -> StepOutline

    /// What decides on the experts in one layer: the same as in ``batch(step:)``, without making the hidden states.
    func gate(step: Int, layer: Int) throws(WorkloadError) -> LayerGateInput
}

extension Workload {
    /// Nil: the tokens have no ids.
    public var tokenFrequencies: [Double]? { nil }

    /// The labels of the batch, whose hidden states the gate of the model reads anyway.
    public func outline(step: Int) throws(WorkloadError) -> StepOutline {
        let batch = try batch(step: step)
        return StepOutline(
            tokens: batch.hidden.rows,
            tokenIDs: batch.tokenIDs,
            sequenceLengths: batch.sequenceLengths
        )
    }

    /// The gate of the model.
    public func gate(step: Int, layer: Int) throws(WorkloadError) -> LayerGateInput { .model }
}
