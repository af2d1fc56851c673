/// The chunks that have arrived, kept so that a chunk that the network repeats is computed and counted once.
///
/// For each micro-batch those of its newest exchange are kept: the coordinator begins one of a micro-batch only when it
/// has every result of the one before. Exchanges are told apart by their running number, so that layers may follow each
/// other in any order. A chunk that is sent again, as a further attempt, is computed again: its first answer may be
/// lost.
struct ArrivedBatches: Equatable, Sendable {
    /// The kind of a dispatch that has arrived.
    enum Arrival: Equatable {
        /// The first arrival of a chunk.
        case new
        /// A later attempt at a chunk that has arrived before; the earlier attempt may be forgotten.
        case again
        /// A repeated message: an attempt that has arrived before, or one of an earlier exchange or attempt.
        case repeated
    }

    private struct Newest: Equatable {
        var exchange: UInt32
        /// The last attempt of each chunk.
        var attempts: [UInt32: UInt32] = [:]
    }

    private var batches: [UInt32: Newest] = [:]

    /// Note the arrival of a dispatch, and return its kind.
    mutating func insert(_ dispatch: Envelope) -> Arrival {
        var newest = batches[dispatch.batch] ?? Newest(exchange: dispatch.exchange)
        // Numbers run over: what lies behind by less than half of them is earlier.
        guard Int32(bitPattern: dispatch.exchange &- newest.exchange) >= 0 else { return .repeated }
        if dispatch.exchange != newest.exchange { newest = Newest(exchange: dispatch.exchange) }
        // Out of its place while it changes, so that the table is not copied.
        batches[dispatch.batch] = nil
        defer { batches[dispatch.batch] = newest }
        let before = newest.attempts[dispatch.chunk]
        guard before ?? 0 < dispatch.attempt || before == nil else { return .repeated }
        newest.attempts[dispatch.chunk] = dispatch.attempt
        return before == nil ? .new : .again
    }

    /// True when no later attempt at the same chunk has arrived.
    func isNewest(_ dispatch: Envelope) -> Bool {
        guard let newest = batches[dispatch.batch], newest.exchange == dispatch.exchange else { return true }
        return newest.attempts[dispatch.chunk] == dispatch.attempt
    }
}
