import MoE
import Tensors

extension TraceTensors {
    /// The choices of some tokens in the first `layers` layers, checked.
    ///
    /// - Parameter experts: experts of the model; every choice must be below.
    func choices(rows: Range<Int>, layers: Int, experts: Int) throws(TensorFileError) -> [RecordedChoices] {
        switch layout {
        case .together(let pair):
            let ids = try split(pair.ids.integers(rows: rows), layers: layers)
            let weights = try pair.weights.map { (view) throws(TensorFileError) in
                try split(view.floats(rows: rows), layers: layers)
            }
            var records: [RecordedChoices] = []
            for layer in 0..<layers {
                let check = TraceCheck(pair: pair, layer: layer, choices: choices, experts: experts, rows: rows)
                records.append(try check.record(ids: ids[layer], weights: weights?[layer]))
            }
            return records
        case .perLayer(let pairs):
            var records: [RecordedChoices] = []
            for (layer, pair) in pairs.prefix(layers).enumerated() {
                let check = TraceCheck(pair: pair, layer: layer, choices: choices, experts: experts, rows: rows)
                let weights = try pair.weights.map { (view) throws(TensorFileError) in try view.floats(rows: rows) }
                records.append(try check.record(ids: pair.ids.integers(rows: rows), weights: weights))
            }
            return records
        }
    }

    /// Values [token, layer, k] as one array [token, k] for each of the first layers.
    private func split<Value>(_ values: [Value], layers: Int) -> [[Value]] {
        let stride = self.layers * choices
        return (0..<layers).map { layer in
            Swift.stride(from: layer * choices, to: values.count, by: stride).flatMap { values[$0..<$0 + choices] }
        }
    }
}
