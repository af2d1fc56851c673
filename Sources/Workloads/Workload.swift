import Basics
public import MoE
public import Tensors

/// A source of tokens: the same step gives the same batch, in any order and in any process.
public protocol Workload: Sendable {
    /// The summary of the workload for reports.
    var summary: WorkloadSummary { get }

    /// The number of occurrences of each vocabulary id in the source, `[vocabulary]`; nil where tokens have none.
    var tokenFrequencies: [Double]? { get }

    /// Notes for a reader of the results, a sentence each: what of the source was left out.
    var notes: [String] { get }

    /// The tokens of one step.
    ///
    /// - Parameter step: counted from 0, warm-up included.
    /// - Throws: ``WorkloadError`` when the file's content for this step is not usable.
    func batch(step: Int) throws(WorkloadError) -> WorkloadBatch

    /// The tokens of one step without their hidden states, for callers that only route.
    func outline(step: Int) throws(WorkloadError) -> StepOutline

    /// The input of one layer's gate: the same as in ``batch(step:)``, without making the hidden states.
    func gate(step: Int, layer: Int) throws(WorkloadError) -> LayerGateInput
}

extension Workload {
    /// Nil, by default: tokens have no vocabulary ids.
    public var tokenFrequencies: [Double]? { nil }

    /// None, by default.
    public var notes: [String] { [] }

    /// The outline, by default, of the whole batch, whose hidden states the gate of the model reads anyway.
    public func outline(step: Int) throws(WorkloadError) -> StepOutline {
        let batch = try batch(step: step)
        return StepOutline(
            tokens: batch.hidden.rows,
            tokenIDs: batch.tokenIDs,
            sequenceLengths: batch.sequenceLengths,
            sourceRanks: batch.sourceRanks
        )
    }

    /// The gate of the model, by default.
    public func gate(step: Int, layer: Int) throws(WorkloadError) -> LayerGateInput { .model }
}

/// The tokens of a step without their hidden states.
public struct StepOutline: Equatable, Sendable {
    /// The number of tokens, T.
    public var tokens: Int
    /// The vocabulary ids of the tokens, `[tokens]`, or nil when they have none.
    public var tokenIDs: [Int32]?
    /// The lengths of the sequences that the tokens form, or nil when they are one sequence.
    public var sequenceLengths: [Int]?
    /// The rank that owns each token, `[tokens]`, or nil where the source does not tell.
    public var sourceRanks: [Int32]?

    /// An outline of `tokens` tokens.
    public init(
        tokens: Int,
        tokenIDs: [Int32]? = nil,
        sequenceLengths: [Int]? = nil,
        sourceRanks: [Int32]? = nil
    ) {
        self.tokens = tokens
        self.tokenIDs = tokenIDs
        self.sequenceLengths = sequenceLengths
        self.sourceRanks = sourceRanks
    }
}

/// The reason for which a workload cannot be opened or cannot give the tokens of a step.
public struct WorkloadError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The file, as the caller named it.
    public let file: String
    /// One sentence: what was found and what is allowed, with the tensor where one is meant.
    public let message: String

    /// An error about a file.
    public init(file: String, message: String) {
        self.file = file
        self.message = message
    }

    /// An error of the tensor file that the workload reads.
    public init(_ error: TensorFileError) {
        file = error.path
        message = (error.tensor.map { "tensor \(Quoted.text($0)): " } ?? "") + error.message
    }

    /// File and message on one line.
    public var description: String { "\(file): \(message)" }
}

/// The tokens of one step: their hidden states, labels, and the source of their logits or choices.
public struct WorkloadBatch: Equatable, Sendable {
    /// The hidden states that enter the first layer, `[tokens, hidden]`.
    public var hidden: Matrix
    /// The source of logits or choices for the tokens.
    public var gate: GateSource
    /// The vocabulary ids of the tokens, `[tokens]`, or nil when they have none.
    public var tokenIDs: [Int32]?
    /// The lengths of the sequences that the tokens form, or nil when they are one sequence.
    public var sequenceLengths: [Int]?
    /// The rank that owns each token, `[tokens]`, or nil where the source does not tell.
    public var sourceRanks: [Int32]?

    /// A batch of `hidden.rows` tokens.
    public init(hidden: Matrix, gate: GateSource, tokenIDs: [Int32]? = nil, sequenceLengths: [Int]? = nil) {
        self.hidden = hidden
        self.gate = gate
        self.tokenIDs = tokenIDs
        self.sequenceLengths = sequenceLengths
    }
}

extension WorkloadBatch {
    /// The batch of a range of the tokens. They are one sequence: the ends of sequences are not kept.
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

/// The source of logits or choices for the gates of all layers.
public enum GateSource: Equatable, Sendable {
    /// The gate of the model, applied to the hidden states.
    case model
    /// Given logits instead of the gate's: one matrix `[tokens, experts]` per layer.
    case logits([Matrix])
    /// Recorded choices instead of the router's: one record per layer.
    case recorded([RecordedChoices])
}

/// The input of one layer's gate in one step: the model, logits, or recorded choices.
public enum LayerGateInput: Equatable, Sendable {
    /// The gate of the model, applied to the hidden states.
    case model
    /// Given logits instead of the gate's, `[tokens, experts]`.
    case logits(Matrix)
    /// Recorded choices instead of the router's.
    case recorded(RecordedChoices)
}
