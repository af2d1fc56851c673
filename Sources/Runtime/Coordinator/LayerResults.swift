/// Everything that came back for one layer.
struct LayerResults: Sendable {
    /// The results, in the order of arrival.
    var collected: [CollectedBatch]
    /// Bytes sent to each rank: envelopes and payloads.
    var dispatchBytes: [Int]
    /// Bytes received from each rank: envelopes and payloads.
    var combineBytes: [Int]
}
