/// The seven moments in the life of one chunk of work: a run of token rows that goes to a rank and comes back.
///
/// All are nanoseconds on the coordinator's monotonic clock. The four of the worker are converted with an estimated
/// clock offset, so they may stand slightly out of order against the coordinator's three; see ``fitted``.
public struct ChunkStamps: Codable, Equatable, Sendable {
    /// The moment at which the rows were permuted and encoded, and could travel.
    public var ready: Int64
    /// The moment at which the coordinator handed the rows to its transport.
    public var handedOver: Int64
    /// The moment at which the worker had the last byte of the rows.
    public var received: Int64
    /// The moment at which the worker's experts began.
    public var started: Int64
    /// The moment at which the worker's experts were done.
    public var finished: Int64
    /// The moment at which the worker handed the outputs to its transport.
    public var returned: Int64
    /// The moment at which the coordinator had the last byte of the outputs.
    public var collected: Int64

    /// The stamps of a chunk, in nanoseconds.
    public init(
        ready: Int64,
        handedOver: Int64,
        received: Int64,
        started: Int64,
        finished: Int64,
        returned: Int64,
        collected: Int64
    ) {
        self.ready = ready
        self.handedOver = handedOver
        self.received = received
        self.started = started
        self.finished = finished
        self.returned = returned
        self.collected = collected
    }

    /// The stamps moved into ascending order, and the largest move of any one stamp, in nanoseconds.
    ///
    /// The worker's four are shifted together, which keeps the lengths that the worker measured on its own clock, until
    /// they lie between the coordinator's. What still does not fit (a worker that claims more time than passed) is cut
    /// off.
    ///
    /// - Returns: stamps in ascending order, and the largest move in nanoseconds, 0 when all were in order.
    public var fitted: (stamps: ChunkStamps, moved: Int64) {
        let sent = max(handedOver, ready)
        let back = max(collected, sent)
        let shift = shiftOfWorker(between: sent, and: back)
        let received = min(max(self.received.addingClamped(shift), sent), back)
        let started = min(max(self.started.addingClamped(shift), received), back)
        let finished = min(max(self.finished.addingClamped(shift), started), back)
        let returned = min(max(self.returned.addingClamped(shift), finished), back)
        let fitted = ChunkStamps(
            ready: ready,
            handedOver: sent,
            received: received,
            started: started,
            finished: finished,
            returned: returned,
            collected: back
        )
        return (fitted, largestMove(to: fitted))
    }

    /// Return the smallest shift of the worker's stamps, in nanoseconds, that puts `received` at or after `sent` and,
    /// where there is room, `returned` at or before `back`.
    private func shiftOfWorker(between sent: Int64, and back: Int64) -> Int64 {
        let least = sent.subtractingClamped(received)
        let most = back.subtractingClamped(returned)
        return max(least, min(most, 0))
    }

    private func largestMove(to other: ChunkStamps) -> Int64 {
        zip(inOrder, other.inOrder).reduce(0) { largest, pair in
            let move = max(pair.0, pair.1).subtractingClamped(min(pair.0, pair.1))
            return max(largest, move)
        }
    }

    private var inOrder: [Int64] { [ready, handedOver, received, started, finished, returned, collected] }
}
