public import MoE
public import Records

/// One layer of one step as figures look at it: its record, and what several figures need of it.
///
/// This is where it is decided which (step, layer) counts for what: one in which nothing was routed counts for no figure of
/// loads, one that lacks a rank for none of ranks, a quantity that is not finite for none of its own.
public struct LayerSample: Sendable {
    /// The record.
    public let record: LayerRecord
    /// Tokens of the step.
    public let tokens: Int
    /// The load over ranks; nil where a rank is missing or nothing was routed.
    public let ranks: LoadStatistics?
    /// The load over experts; nil where nothing was routed.
    public let experts: LoadStatistics?
    /// The sum of gate weights over experts.
    public let importance: LoadStatistics?
    /// The differentiable estimate of the load over experts, where the router has one.
    public let smoothLoad: LoadStatistics?
    /// Compute seconds of the ranks; nil where a rank is missing or none computes.
    let computeSeconds: [Double]?
    /// Copies that found a place.
    public let kept: Int
    /// Copies that found none.
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
        importance = Self.finite(record.importance)
        smoothLoad = record.smoothLoad.flatMap(Self.finite)
    }

    /// Copies that the router asked for: kept and dropped.
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
