/// Counts, apart from the protocol, what is in flight to and from each rank, or held here until it is combined.
struct CreditLedger {
    let limit: Int
    /// Times that more than the limit was in flight in more than one chunk.
    private(set) var excesses = 0
    private var inFlight: [Int: [Int]] = [:]

    init(limit: Int) {
        self.limit = limit
    }

    mutating func sent(_ bytes: Int, to rank: Int) {
        inFlight[rank, default: []].append(bytes)
        let chunks = inFlight[rank, default: []]
        if chunks.count > 1, chunks.reduce(0, +) > limit { excesses += 1 }
    }

    mutating func returned(_ bytes: Int, from rank: Int) {
        guard let index = inFlight[rank]?.firstIndex(of: bytes) else {
            excesses += 1
            return
        }
        inFlight[rank]?.remove(at: index)
    }
}
