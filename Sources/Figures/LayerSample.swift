public import MoE
public import Records

/// One layer of one step as the input of figures: its record, and the quantities that several figures need.
///
/// A (step, layer) in which nothing was routed counts for no figure of loads and no loss, one that lacks a rank for no
/// figure of ranks, and a quantity that is not finite for no figure of its own.
public struct LayerSample: Sendable {
    /// The record of the layer.
    public let record: LayerRecord
    /// Tokens of the step.
    public let tokens: Int
    /// Statistics of the routed copies over ranks; nil where a rank is missing or nothing was routed.
    public let ranks: LoadStatistics?
    /// Statistics of the routed copies over experts; nil where nothing was routed.
    public let experts: LoadStatistics?
    /// Statistics over experts of their summed gate weights; nil where a sum is not finite or all are 0.
    public let importance: LoadStatistics?
    /// Statistics over experts of the router's differentiable estimate of the load; nil where the router has none.
    public let smoothLoad: LoadStatistics?
    /// Compute seconds of the ranks, `[ranks]`; nil where a rank is missing or none computes.
    let computeSeconds: [Double]?
    /// The number of routed copies that were kept.
    public let kept: Int
    /// The number of routed copies that were dropped.
    public let dropped: Int

    /// One layer of a step of a run on `ranks` ranks.
    public init(_ record: LayerRecord, tokens: Int, ranks: Int) {
        self.record = record
        self.tokens = tokens
        kept = record.expertCopies.reduce(0, +)
        dropped = record.expertDropped.reduce(0, +)
        self.ranks = kept > 0 && record.ranks.count == ranks ? LoadStatistics(record.ranks.map(\.copies)) : nil
        experts = kept > 0 ? LoadStatistics(record.expertCopies) : nil
        computeSeconds = record.computeSeconds(ofRanks: ranks)
        importance = kept > 0 ? Self.finite(record.importance) : nil
        smoothLoad = kept > 0 ? record.smoothLoad.flatMap(Self.finite) : nil
    }

    /// The number of routed copies that the router asked for: kept and dropped.
    var asked: Int { kept + dropped }

    private static func finite(_ quantity: [Double]) -> LoadStatistics? {
        quantity.allSatisfy(\.isFinite) && quantity.contains { $0 > 0 } ? LoadStatistics(quantity) : nil
    }
}

extension LayerRecord {
    /// Compute seconds of `ranks` ranks; nil where one is missing or none computes.
    func computeSeconds(ofRanks count: Int) -> [Double]? {
        let seconds = ranks.map(\.seconds.compute)
        return seconds.count == count && seconds.contains { $0 > 0 } ? seconds : nil
    }
}
