import MoE
import Tensors

extension RoutingTrace {
    /// The choices of some tokens in some layers, checked.
    ///
    /// - Parameter experts: experts of the model; every choice must be below.
    func choices(rows: Range<Int>, layers: Range<Int>, experts: Int) throws(TensorFileError) -> [RecordedChoices] {
        switch layout {
        case .together(let pair):
            let ids = try split(pair.ids.integers(rows: rows), layers: layers)
            let weights = try pair.weights.map { (view) throws(TensorFileError) in
                try split(view.floats(rows: rows), layers: layers)
            }
            var records: [RecordedChoices] = []
            for (index, layer) in layers.enumerated() {
                let check = TraceCheck(pair: pair, layer: layer, choices: choices, experts: experts, rows: rows)
                records.append(try check.record(ids: ids[index], weights: weights?[index]))
            }
            return records
        case .perLayer(let pairs):
            var records: [RecordedChoices] = []
            for layer in layers {
                let pair = pairs[layer]
                let check = TraceCheck(pair: pair, layer: layer, choices: choices, experts: experts, rows: rows)
                let weights = try pair.weights.map { (view) throws(TensorFileError) in try view.floats(rows: rows) }
                records.append(try check.record(ids: pair.ids.integers(rows: rows), weights: weights))
            }
            return records
        }
    }

    /// Values [token, layer, k] as one array [token, k] for each of some layers.
    private func split<Value>(_ values: [Value], layers: Range<Int>) -> [[Value]] {
        let stride = self.layers * choices
        return layers.map { layer in
            Swift.stride(from: layer * choices, to: values.count, by: stride).flatMap { values[$0..<$0 + choices] }
        }
    }
}
