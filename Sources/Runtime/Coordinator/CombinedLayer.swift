internal import Tensors

/// What a layer gave before the residual connection, kept for those who check or save it.
struct CombinedLayer: Sendable {
    /// The whole output, `[tokens, hidden]`.
    var output: Matrix
    /// The part of each expert that every token visits, weighted but not scaled, `[tokens, hidden]`; none where the
    /// workers summed it with the rest.
    var common: [Matrix]
}
