import MoE
public import Tensors

/// The tokens of one step.
public struct WorkloadBatch: Equatable, Sendable {
    /// What enters the first layer, `[tokens, hidden]`.
    public var hidden: Matrix
    /// What decides on the experts of these tokens.
    public var gate: GateSource
    /// The vocabulary ids of the tokens, `[tokens]`, or nil when they have none.
    public var tokenIDs: [Int32]?
    /// The lengths of the sequences that the tokens form, or nil when they are one sequence.
    public var sequenceLengths: [Int]?

    /// A batch of `hidden.rows` tokens.
    public init(hidden: Matrix, gate: GateSource, tokenIDs: [Int32]? = nil, sequenceLengths: [Int]? = nil) {
        self.hidden = hidden
        self.gate = gate
        self.tokenIDs = tokenIDs
        self.sequenceLengths = sequenceLengths
    }
}

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
