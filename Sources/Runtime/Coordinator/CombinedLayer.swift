internal import Tensors

/// What a layer gave before the residual connection.
struct CombinedLayer: Sendable {
    /// The whole output, `[tokens, hidden]`.
    let output: Matrix
    /// The part of each expert that every token visits, weighted but not scaled, `[tokens, hidden]`.
    let replicated: [Matrix]
}
