import MoE
import Tensors

/// Checks the choices of some tokens in one layer before anything believes them.
struct TraceCheck {
    let pair: RoutingTrace.Pair
    let layer: Int
    /// Choices per token, k.
    let choices: Int
    /// Experts of the model, E.
    let experts: Int
    /// The tokens, as rows of the trace.
    let rows: Range<Int>

    /// The choices as a router takes them.
    ///
    /// - Parameters:
    ///   - ids: `[rows.count * choices]`; -1 is no choice.
    ///   - weights: as many, or nil.
    /// - Throws: ``TensorFileError`` for an expert that the model has not, one that is chosen twice by one token, or a
    ///   weight that is infinite or not a number.
    func record(ids: [Int64], weights: [Float]?) throws(TensorFileError) -> RecordedChoices {
        var lastToken = [Int](repeating: -1, count: experts)
        for (index, id) in ids.enumerated() where id != Int64(ChoiceRows.none) {
            guard id >= 0, id < Int64(experts) else {
                throw pair.ids.error(
                    "\(place(index)): expert \(id) is outside 0..<\(experts), the experts of the model; "
                        + "-1 stands for no choice"
                )
            }
            guard lastToken[Int(id)] != index / choices else {
                throw pair.ids.error(
                    "\(place(index)): expert \(id) is chosen twice; the experts of a token must differ"
                )
            }
            lastToken[Int(id)] = index / choices
        }
        if let weights, let index = weights.firstIndex(where: { !$0.isFinite }), let view = pair.weights {
            throw view.error("\(place(index)): weight \(weights[index]); finite numbers are allowed")
        }
        return RecordedChoices(choicesPerToken: choices, experts: ids.map { Int32($0) }, weights: weights)
    }

    private func place(_ index: Int) -> String {
        "token \(rows.lowerBound + index / choices), layer \(layer)"
    }
}
