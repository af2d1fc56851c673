public import Tensors

/// The output of a layer before the residual connection, kept for those who check or save it.
public struct CombinedLayer: Sendable {
    /// The whole output, `[tokens, hidden]`.
    public var output: Matrix
    /// The part of each common expert, weighted but not scaled, `[tokens, hidden]`; none where the
    /// workers summed it with the rest.
    public var common: [Matrix]

    /// Outputs of a layer.
    public init(output: Matrix, common: [Matrix]) {
        self.output = output
        self.common = common
    }
}
