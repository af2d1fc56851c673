import Tensors

extension RouterBatch {
    /// The matrix of each of the router's projections, known to have the right shape and to be finite.
    func checkedMatrices(for router: some Router) throws(RoutingError) -> [Matrix] {
        let wanted = router.projections
        guard projections.count == wanted.count else {
            throw RoutingError("the batch holds \(projections.count) projections; the router reads \(wanted.count)")
        }
        for (projection, matrix) in zip(wanted, projections) {
            try check(matrix, of: projection, columns: router.columns(of: projection, experts: experts))
        }
        return projections
    }

    /// The gate's logits of some tokens, or all, in double precision, `[tokens * columns]`, plus the gate's bias where
    /// there is one.
    func logits(_ matrix: Matrix, _ tokens: Range<Int>? = nil, bias: [Float]) throws(RoutingError) -> [Double] {
        let range = tokens ?? 0..<matrix.rows
        let places = range.lowerBound * matrix.columns..<range.upperBound * matrix.columns
        guard !bias.isEmpty else { return matrix.values[places].map { Double($0) } }
        try check(bias, "the gate's bias", experts: matrix.columns)
        return places.map { Double(matrix.values[$0]) + Double(bias[$0 % matrix.columns]) }
    }

    /// Makes sure that there is one finite value per expert.
    func check(_ values: [Float], _ name: String, experts: Int) throws(RoutingError) {
        guard values.count == experts else {
            throw RoutingError("\(name) has \(values.count) values; \(experts) experts need as many")
        }
        if let expert = values.firstIndex(where: { !$0.isFinite }) {
            throw RoutingError("\(name) is \(values[expert]) for expert \(expert); it must be finite")
        }
    }

    /// The ranges of tokens that compete with each other; without a rule it is all of them.
    func contestGroups(_ rule: CapacityRule?) throws(RoutingError) -> [Range<Int>] {
        guard let rule else { return [0..<tokens] }
        return switch rule.scope {
        case .batch: [0..<tokens]
        case .groups: stride(from: 0, to: tokens, by: rule.group).map { $0..<min($0 + rule.group, tokens) }
        case .sequences: try sequences()
        }
    }

    /// The range of tokens of each sequence.
    func sequences() throws(RoutingError) -> [Range<Int>] {
        guard let sequenceLengths else { return [0..<tokens] }
        var ranges: [Range<Int>] = []
        var start = 0
        for length in sequenceLengths {
            guard length > 0 && length <= tokens - start else {
                throw RoutingError("sequence \(ranges.count) has length \(length); allowed are 1 to \(tokens - start)")
            }
            ranges.append(start..<start + length)
            start += length
        }
        guard start == tokens else {
            throw RoutingError("the sequences hold \(start) tokens; the batch has \(tokens)")
        }
        return ranges
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

    private func check(_ matrix: Matrix, of projection: RouterProjection, columns: Int) throws(RoutingError) {
        guard matrix.rows == tokens && matrix.columns == columns else {
            throw RoutingError(
                "the \(projection) projection is \(matrix.rows) x \(matrix.columns); "
                    + "\(tokens) tokens and \(columns) experts need \(tokens) x \(columns)"
            )
        }
        if !matrix.values.areFinite, let index = matrix.values.firstIndex(where: { !$0.isFinite }) {
            let (token, expert) = index.quotientAndRemainder(dividingBy: columns)
            let value = matrix.values[index]
            throw RoutingError(
                "token \(token): the \(projection) logit of expert \(expert) is \(value); it must be finite"
            )
        }
    }
}
