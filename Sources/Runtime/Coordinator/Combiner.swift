internal import Cluster
internal import MoE
internal import Tensors
internal import Transport

/// Sums the outputs of a layer: for each token its copies in the plan's order of choice, then the experts that every
/// token visits, then the output bias; all of it times the output scale.
///
/// The order is the plan's and not that of arrival or placement, so the sum has the same bits for any number of workers.
struct Combiner {
    let plan: DispatchPlan
    let batches: LayerBatches
    /// How tokens visit the experts that all of them visit.
    let replicated: [ReplicatedVisits]
    let hidden: Int
    let payload: DType
    /// False when the workers have multiplied the gate weights in.
    let appliesGateWeights: Bool
    /// `[hidden]`, added to the sum, or nil.
    var outputBias: [Float]?
    /// Multiplies the sum.
    var outputScale: Float = 1

    /// y[t] = scale * (sum over kept copies of weight * output + the others' + bias).
    ///
    /// - Parameters:
    ///   - collected: what the ranks returned.
    ///   - local: unweighted outputs `[tokens, hidden]` of the experts that every token visits, where the coordinator
    ///     computed them; else empty.
    func combine(_ collected: [CollectedBatch], local: [Matrix]) -> CombinedLayer {
        var outputs = batches.ranks.map { [Float](repeating: 0, count: $0.rows * hidden) }
        for batch in collected { decode(batch, into: &outputs[batch.rank]) }
        var sum = Matrix(rows: plan.tokens, columns: hidden)
        for token in 0..<plan.tokens {
            for copy in plan.copies(ofToken: token) {
                guard let place = batches.places[copy] else { continue }
                let weight = appliesGateWeights ? plan.outputWeight(copy) : 1
                sum.add(weight, outputs[Int(place.rank)], at: Int(place.row) * hidden, toRow: token)
            }
        }
        let parts = replicated.indices.map { index in
            local.isEmpty ? gathered(index, outputs) : weighted(local[index], replicated[index])
        }
        for part in parts { sum.add(part) }
        if let outputBias { for token in 0..<plan.tokens { sum.add(1, outputBias, at: 0, toRow: token) } }
        if outputScale != 1 { sum.scale(by: outputScale) }
        return CombinedLayer(output: sum, replicated: parts)
    }

    /// The weighted outputs of one of the experts that every token visits, as the ranks returned them.
    private func gathered(_ index: Int, _ outputs: [[Float]]) -> Matrix {
        var part = Matrix(rows: plan.tokens, columns: hidden)
        for (token, place) in batches.replicatedPlaces[index].enumerated() {
            let weight = appliesGateWeights ? replicated[index].weight(ofToken: token) : 1
            part.add(weight, outputs[Int(place.rank)], at: Int(place.row) * hidden, toRow: token)
        }
        return part
    }

    private func weighted(_ output: Matrix, _ visits: ReplicatedVisits) -> Matrix {
        guard visits.weights != nil else { return output }
        var part = Matrix(rows: plan.tokens, columns: hidden)
        for token in 0..<plan.tokens {
            part.add(visits.weight(ofToken: token), output.values, at: token * hidden, toRow: token)
        }
        return part
    }

    private func decode(_ batch: CollectedBatch, into output: inout [Float]) {
        unsafe batch.payload.withUnsafeBytes { source in
            unsafe output.withUnsafeMutableBufferPointer { target in
                let rows = unsafe target[batch.rows.lowerBound * hidden..<batch.rows.upperBound * hidden]
                unsafe RowEncoding.decode(source, from: payload, into: UnsafeMutableBufferPointer(rebasing: rows))
            }
        }
    }
}
