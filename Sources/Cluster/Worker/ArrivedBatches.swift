/// Which chunks have arrived, so that one that the network repeats is computed and counted once.
///
/// For each micro-batch those of its newest exchange are kept: the coordinator begins one of a micro-batch only when it
/// has every result of the one before. Exchanges are told apart by their running number, so that layers may follow each
/// other in any order.
struct ArrivedBatches: Equatable, Sendable {
    private struct Newest: Equatable {
        var exchange: UInt32
        var chunks: Set<UInt32> = []
    }

    private var batches: [UInt32: Newest] = [:]

    /// Notes a dispatch.
    ///
    /// - Returns: false when it is a repetition: noted before, or of an earlier exchange.
    mutating func insert(_ dispatch: Envelope) -> Bool {
        var newest = batches[dispatch.batch] ?? Newest(exchange: dispatch.exchange)
        // Numbers run over: what lies behind by less than half of them is earlier.
        guard Int32(bitPattern: dispatch.exchange &- newest.exchange) >= 0 else { return false }
        if dispatch.exchange != newest.exchange { newest = Newest(exchange: dispatch.exchange) }
        // Out of its place while it changes, so that the set is not copied.
        batches[dispatch.batch] = nil
        let isNew = newest.chunks.insert(dispatch.chunk).inserted
        batches[dispatch.batch] = newest
        return isNew
    }
}
