/// The work and times of one rank in one (step, layer), by either clock.
public struct RankRecord: Codable, Equatable, Sendable {
    /// The rank.
    public var rank: Int
    /// Routed copies that its experts computed.
    public var copies: Int
    /// Tokens that its common experts (shared and dense) computed; 0 when it has none.
    public var sharedTokens: Int
    /// Bytes sent to the rank: envelopes and payloads.
    public var dispatchBytes: Int
    /// Bytes received from the rank: envelopes and payloads.
    public var combineBytes: Int
    /// Seconds in each phase; each instant counts once, so these and the coordinator's phases sum to the layer.
    public var seconds: PhaseSeconds
    /// Seconds during which tokens travelled to the rank, overlapped or not.
    public var dispatchInFlightSeconds: Double
    /// Seconds during which outputs travelled back, overlapped or not.
    public var combineInFlightSeconds: Double

    /// A record of one rank.
    public init(
        rank: Int,
        copies: Int,
        sharedTokens: Int,
        dispatchBytes: Int,
        combineBytes: Int,
        seconds: PhaseSeconds,
        dispatchInFlightSeconds: Double,
        combineInFlightSeconds: Double
    ) {
        self.rank = rank
        self.copies = copies
        self.sharedTokens = sharedTokens
        self.dispatchBytes = dispatchBytes
        self.combineBytes = combineBytes
        self.seconds = seconds
        self.dispatchInFlightSeconds = dispatchInFlightSeconds
        self.combineInFlightSeconds = combineInFlightSeconds
    }

    /// A rank that has done nothing.
    public init(rank: Int) {
        self.init(
            rank: rank,
            copies: 0,
            sharedTokens: 0,
            dispatchBytes: 0,
            combineBytes: 0,
            seconds: PhaseSeconds(),
            dispatchInFlightSeconds: 0,
            combineInFlightSeconds: 0
        )
    }

    /// Adds what the rank did in another (step, layer).
    public mutating func add(_ other: RankRecord) {
        copies += other.copies
        sharedTokens += other.sharedTokens
        dispatchBytes += other.dispatchBytes
        combineBytes += other.combineBytes
        seconds.add(other.seconds)
        dispatchInFlightSeconds += other.dispatchInFlightSeconds
        combineInFlightSeconds += other.combineInFlightSeconds
    }
}
