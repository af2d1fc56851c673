public import Tensors

/// The form of token rows on the wire, agreed upon when a worker is assigned its experts.
public struct RowForm: Codable, Equatable, Sendable {
    /// Dtype of the rows to the experts: F32, BF16 or F8_E4M3 (with a scale for each 128 values).
    public var dispatch: DType
    /// Dtype of the outputs on their way back: F32 or BF16.
    public var combine: DType
    /// Whether gate weights travel along, and the worker multiplies outputs by them.
    public var carriesWeights: Bool
    /// Whether the worker sums the outputs of a row, so that one comes back for each row that was sent.
    public var presums: Bool

    /// A form; `presums` needs `carriesWeights`.
    public init(dispatch: DType, combine: DType, carriesWeights: Bool = false, presums: Bool = false) {
        self.dispatch = dispatch
        self.combine = combine
        self.carriesWeights = carriesWeights
        self.presums = presums
    }
}
