/// Which chunks have arrived, so that one that the network repeats is computed and counted once.
///
/// For each micro-batch those of its newest layer are kept: the coordinator begins a layer of a micro-batch only when it
/// has every result of the one before.
struct ArrivedBatches: Equatable, Sendable {
    private struct Newest: Equatable {
        var step: UInt32
        var layer: UInt32
        var chunks: Set<UInt32> = []
    }

    private var batches: [UInt32: Newest] = [:]

    /// Notes a dispatch.
    ///
    /// - Returns: false when it is a repetition: noted before, or of an earlier layer.
    mutating func insert(_ dispatch: Envelope) -> Bool {
        var newest = batches[dispatch.batch] ?? Newest(step: dispatch.step, layer: dispatch.layer)
        guard (dispatch.step, dispatch.layer) >= (newest.step, newest.layer) else { return false }
        if (dispatch.step, dispatch.layer) != (newest.step, newest.layer) {
            newest = Newest(step: dispatch.step, layer: dispatch.layer)
        }
        // Out of its place while it changes, so that the set is not copied.
        batches[dispatch.batch] = nil
        let isNew = newest.chunks.insert(dispatch.chunk).inserted
        batches[dispatch.batch] = newest
        return isNew
    }
}
