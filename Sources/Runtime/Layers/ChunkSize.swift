import Cluster
internal import MoE
internal import Tensors

/// How many tokens travel as one chunk.
///
/// It follows from the model, the tokens and the wire and not from the number of workers, so that an expert's rows are
/// grouped alike on any cluster whose credit takes such chunks. Two things bound it from both sides:
/// - small chunks let communication hide behind compute and keep rows in the caches;
/// - every chunk reads the weights of all its experts again, so each should bring an expert enough rows.
struct ChunkSize {
    /// Bytes of outputs of a chunk, all ranks together.
    static let replyBytes = 2 << 20
    /// Rows that an expert with weights should have of a chunk on average.
    static let rowsPerExpert = 128

    private let given: Int?
    private let rowBytes: Int
    private let experts: Int
    private let hasWeights: Bool

    init(_ setup: SessionSetup) {
        given = setup.chunkTokens
        rowBytes = RowEncoding.byteCount(columns: setup.model.hidden, as: setup.form.combine)
        experts = setup.model.experts
        hasWeights = setup.model.expert.parameterCount > 0
    }

    /// Most tokens of a chunk.
    func tokens(of plan: DispatchPlan) -> Int {
        tokens(copiesPerToken: max(1, plan.copies / max(plan.tokens, 1)))
    }

    /// Most tokens of a chunk of so many copies per token, at least 1.
    func tokens(copiesPerToken: Int) -> Int {
        if let given { return given }
        let byBytes = Self.replyBytes / (rowBytes * copiesPerToken)
        let byRows = hasWeights ? Self.rowsPerExpert * experts / copiesPerToken : 0
        return max(1, byBytes, byRows)
    }
}
