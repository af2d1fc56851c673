/// Which batches of the newest layer have arrived, so that one that the network repeats is computed and counted once.
struct ArrivedBatches: Equatable, Sendable {
    private struct Batch: Hashable {
        var chunk: UInt32
        var attempt: UInt32
    }

    private var step: UInt32 = 0
    private var layer: UInt32 = 0
    private var batches: Set<Batch> = []

    /// Notes a dispatch.
    ///
    /// - Returns: false when it is a repetition: noted before, or of an earlier layer. The coordinator begins a layer
    ///   only when it has every result of the one before.
    mutating func insert(_ dispatch: Envelope) -> Bool {
        guard (dispatch.step, dispatch.layer) >= (step, layer) else { return false }
        if (dispatch.step, dispatch.layer) != (step, layer) {
            (step, layer, batches) = (dispatch.step, dispatch.layer, [])
        }
        return batches.insert(Batch(chunk: dispatch.chunk, attempt: dispatch.attempt)).inserted
    }
}
