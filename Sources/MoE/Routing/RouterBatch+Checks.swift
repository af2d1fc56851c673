import Tensors

extension RouterBatch {
    /// The matrix of each of the router's projections, known to be `[tokens, experts]` and finite.
    func checkedMatrices(for wanted: [RouterProjection]) throws(RoutingError) -> [Matrix] {
        guard projections.count == wanted.count else {
            throw RoutingError("the batch holds \(projections.count) projections; the router reads \(wanted.count)")
        }
        for (projection, matrix) in zip(wanted, projections) {
            try check(matrix, of: projection)
        }
        return projections
    }

    /// Makes sure that each token can choose `topK` different experts and that the copies can be numbered.
    func check(topK: Int) throws(RoutingError) {
        guard topK >= 1 && topK <= experts else {
            throw RoutingError("top-k is \(topK); allowed are 1 to \(experts), the number of experts")
        }
        let (copies, overflow) = tokens.multipliedReportingOverflow(by: topK)
        guard !overflow && copies <= Int(Int32.max) else {
            throw RoutingError(
                "\(tokens) tokens with top-k \(topK) make more than \(Int32.max) copies; use fewer tokens"
            )
        }
    }

    private func check(_ matrix: Matrix, of projection: RouterProjection) throws(RoutingError) {
        guard matrix.rows == tokens && matrix.columns == experts else {
            throw RoutingError(
                "the \(projection) projection is \(matrix.rows) x \(matrix.columns); "
                    + "\(tokens) tokens and \(experts) experts need \(tokens) x \(experts)"
            )
        }
        if let index = matrix.values.firstIndex(where: { !$0.isFinite }) {
            let (token, expert) = index.quotientAndRemainder(dividingBy: experts)
            let value = matrix.values[index]
            throw RoutingError(
                "token \(token): the \(projection) logit of expert \(expert) is \(value); it must be finite"
            )
        }
    }
}
