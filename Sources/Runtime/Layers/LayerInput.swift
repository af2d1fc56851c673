internal import Tensors

/// What router and experts of a layer read.
struct LayerInput: Sendable {
    /// What router and routed experts read, `[tokens, hidden]`.
    let tokens: Matrix
    /// All rows that experts read, `[rows, hidden]`: the tokens, and behind them the dense network's, where those differ.
    let rows: Matrix
    /// The row that the dense network reads for token 0.
    let firstDenseRow: Int

    /// - Parameter dense: what the dense network reads, or nil when it reads the tokens.
    init(tokens: Matrix, dense: Matrix? = nil) {
        self.tokens = tokens
        firstDenseRow = dense == nil ? 0 : tokens.rows
        guard let dense else {
            rows = tokens
            return
        }
        rows = Matrix(rows: 2 * tokens.rows, columns: tokens.columns, values: tokens.values + dense.values)
    }
}
