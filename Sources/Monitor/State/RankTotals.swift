public import Records

/// What one rank did in one layer, or in all, summed over the measured steps so far.
public struct RankTotals: Equatable, Sendable {
    /// Routed copies that its experts computed.
    public private(set) var copies = 0
    /// Bytes sent to the rank: envelopes and payloads.
    public private(set) var dispatchBytes = 0
    /// Bytes received from the rank: envelopes and payloads.
    public private(set) var combineBytes = 0
    /// Seconds in each phase of the rank.
    public private(set) var seconds = PhaseSeconds()
    /// Seconds during which tokens travelled to the rank, overlapped or not.
    public private(set) var dispatchInFlightSeconds = 0.0
    /// Seconds during which outputs travelled back, overlapped or not.
    public private(set) var combineInFlightSeconds = 0.0

    /// Nothing done yet.
    public init() {}

    /// Adds one (step, layer).
    mutating func add(_ record: RankRecord) {
        copies += record.copies
        dispatchBytes += record.dispatchBytes
        combineBytes += record.combineBytes
        dispatchInFlightSeconds += record.dispatchInFlightSeconds
        combineInFlightSeconds += record.combineInFlightSeconds
        seconds.dispatch += record.seconds.dispatch
        seconds.queue += record.seconds.queue
        seconds.compute += record.seconds.compute
        seconds.combine += record.seconds.combine
        seconds.wait += record.seconds.wait
    }
}
