internal import MoE
internal import Tensors

extension WorkloadBatch {
    /// A run of the tokens. They are one sequence: where sequences end is not kept.
    public func tokens(_ range: Range<Int>) -> WorkloadBatch {
        let gate: GateSource =
            switch self.gate {
            case .model: .model
            case .logits(let layers): .logits(layers.map { $0.slice(rows: range) })
            case .recorded(let layers): .recorded(layers.map { $0.slice(range) })
            }
        return WorkloadBatch(hidden: hidden.slice(rows: range), gate: gate, tokenIDs: tokenIDs.map { Array($0[range]) })
    }
}
