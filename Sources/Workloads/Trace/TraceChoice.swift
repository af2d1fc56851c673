import Basics
import MoE
import Tensors

/// The choice of what of a trace is replayed: its layers and columns.
struct TraceChoice {
    let trace: RoutingTrace
    let kept: KeptTokens
    let model: ModelShape
    let topK: Int

    /// The columns that are left when those of shared experts are taken out, ascending: k of them.
    ///
    /// - Throws: `TensorFileError` for a column that is not there or not always on, or another number of columns.
    func columns(without shared: [Int]) throws(TensorFileError) -> [Int] {
        if let column = shared.first(where: { $0 >= trace.choices }) {
            throw error("workload.shared_columns: found \(column), allowed: 0 to \(trace.choices - 1), its columns")
        }
        let columns = (0..<trace.choices).filter { !shared.contains($0) }
        guard columns.count == topK else {
            let taken = shared.isEmpty ? "" : " without those of workload.shared_columns"
            let found = "holds \(columns.count) choices per token\(taken), but router.top_k is \(topK)"
            let more =
                columns.count > topK
                ? "; columns of shared experts, which every token has, are named by workload.shared_columns" : ""
            throw error("\(found); router.top_k must be \(columns.count)\(more)")
        }
        try checkAreShared(shared)
        return columns
    }

    /// Check that columns hold one expert for all tokens of a layer, or numbers behind those of routed experts.
    private func checkAreShared(_ columns: [Int]) throws(TensorFileError) {
        guard !columns.isEmpty else { return }
        var first = [[Int64?]](repeating: Array(repeating: nil, count: columns.count), count: trace.numbers.count)
        for tokens in CyclicRows(count: kept.count, perStep: 1).allPieces {
            for rows in kept.rows(tokens) {
                try trace.forEachLayer(Array(trace.numbers.indices), rows: rows) {
                    (layer, ids) throws(TensorFileError) in
                    for (place, column) in columns.enumerated() {
                        let expected = first[layer][place] ?? ids[column]
                        first[layer][place] = expected
                        for row in rows {
                            let id = ids[(row - rows.lowerBound) * trace.choices + column]
                            guard id == expected || min(id, expected) >= Int64(model.candidates) else {
                                throw error(
                                    "workload.shared_columns: column \(column) is not that of an expert that is always on: in "
                                        + "layer \(trace.numbers[layer]) it holds \(expected), and \(id) for token \(row)"
                                )
                            }
                        }
                    }
                }
            }
        }
    }

    /// The layers that are replayed, as indices, with notes on the others.
    ///
    /// - Throws: `TensorFileError` when there are not as many as the model has.
    func layers(_ choice: LayerChoice?) throws(TensorFileError) -> (layers: [Int], notes: [String]) {
        let numbers = trace.numbers
        let dense = choice == nil && numbers.count > model.layers ? try denseLayers() : []
        let path = Folder.name(of: trace.path)
        do throws(LayerChoice.Fault) {
            return try LayerChoice.layers(
                choice,
                of: numbers,
                empty: Set(dense),
                model: model,
                in: .trace(path)
            )
        } catch {
            throw self.error(error.message)
        }
    }

    /// The layers in which every token holds expert 0 alone, or no expert, as engines record dense layers.
    ///
    /// With one choice per token that can be a layer whose tokens all chose expert 0: then it counts as dense only where
    /// exactly the layers of the model are left.
    private func denseLayers() throws(TensorFileError) -> [Int] {
        var (zeros, empty) = (Set(trace.numbers.indices), Set(trace.numbers.indices))
        for tokens in CyclicRows(count: kept.count, perStep: 1).allPieces where !(zeros.isEmpty && empty.isEmpty) {
            for rows in kept.rows(tokens) {
                try trace.forEachLayer(zeros.union(empty).sorted(), rows: rows) { layer, ids in
                    if ids.contains(where: { $0 != 0 }) { zeros.remove(layer) }
                    if ids.contains(where: { $0 != -1 }) { empty.remove(layer) }
                }
            }
        }
        let dense = zeros.union(empty).sorted()
        guard trace.choices == 1, trace.numbers.count - dense.count != model.layers else { return dense }
        return empty.sorted()
    }

    /// The rank that owns each kept token, or nil where the file does not tell.
    static func sources(in file: any TensorFile, kept: KeptTokens, ranks: Int) throws(TensorFileError) -> [Int32]? {
        guard file.names.contains(LabelTensor.source) else { return nil }
        let tensor = try file.tensor(named: LabelTensor.source)
        guard tensor.shape.reduce(1, *) == kept.total else {
            throw tensor.error("has shape \(tensor.shape); one rank for each of \(kept.total) tokens is needed")
        }
        var sources: [Int32] = []
        let flat = tensor.flat
        for rows in kept.rows(0..<kept.count) {
            for (index, rank) in try flat.integers(rows: rows).enumerated() {
                guard rank >= 0, rank < Int64(ranks) else {
                    throw tensor.error(
                        "is \(rank) for token \(rows.lowerBound + index); allowed are 0 to \(ranks - 1)"
                            + (ranks < Int(Int32.max) ? ", as cluster.workers is \(ranks)" : "")
                    )
                }
                sources.append(Int32(rank))
            }
        }
        return sources
    }

    /// Notes on tensors that are known but not read.
    ///
    /// - Parameter sources: whether the owners of tokens are not read, either.
    static func unread(in file: any TensorFile, sources: Bool) -> [String] {
        let held = LabelTensor.unread(in: file) + (sources ? [LabelTensor.source] : []).filter(file.names.contains)
        guard !held.isEmpty else { return [] }
        return ["\(Folder.name(of: file.path)) holds \(WordList.all(held)), which a replay does not read"]
    }

    private func error(_ message: String) -> TensorFileError { TensorFileError(path: trace.path, message: message) }
}
