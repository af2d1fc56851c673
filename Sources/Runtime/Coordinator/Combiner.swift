internal import Transport
internal import Cluster
internal import MoE
internal import Tensors

/// Sums the outputs of a layer: for each token its copies in the plan's order of choice, then the shared expert.
///
/// The order is the plan's and not that of arrival or placement, so the sum has the same bits for any number of workers.
struct Combiner {
    let plan: DispatchPlan
    let batches: LayerBatches
    let hidden: Int
    let payload: DType
    /// False when the workers have multiplied the gate weights in.
    let appliesGateWeights: Bool

    /// y[t] = sum over kept copies of weight * output, plus the shared expert's output.
    func combine(_ collected: [CollectedBatch]) -> Matrix {
        var outputs = batches.ranks.map { [Float](repeating: 0, count: $0.rows * hidden) }
        for batch in collected { decode(batch, into: &outputs[batch.rank]) }
        var sum = Matrix(rows: plan.tokens, columns: hidden)
        for token in 0..<plan.tokens {
            for copy in plan.copies(ofToken: token) {
                guard let place = batches.places[copy] else { continue }
                add(outputs[Int(place.rank)], place, appliesGateWeights ? plan.weight[copy] : 1, to: &sum, token)
            }
            guard !batches.sharedPlaces.isEmpty else { continue }
            let place = batches.sharedPlaces[token]
            add(outputs[Int(place.rank)], place, 1, to: &sum, token)
        }
        return sum
    }

    private func decode(_ batch: CollectedBatch, into output: inout [Float]) {
        unsafe batch.payload.withUnsafeBytes { source in
            unsafe output.withUnsafeMutableBufferPointer { target in
                let rows = unsafe target[batch.rows.lowerBound * hidden..<batch.rows.upperBound * hidden]
                unsafe RowEncoding.decode(source, from: payload, into: UnsafeMutableBufferPointer(rebasing: rows))
            }
        }
    }

    private func add(
        _ output: [Float],
        _ place: LayerBatches.Place,
        _ weight: Float,
        to sum: inout Matrix,
        _ token: Int
    ) {
        let from = Int(place.row) * hidden
        let to = token * hidden
        unsafe output.withUnsafeBufferPointer { source in
            unsafe sum.values.withUnsafeMutableBufferPointer { target in
                for index in 0..<hidden { unsafe target[to + index] += weight * source[from + index] }
            }
        }
    }
}
