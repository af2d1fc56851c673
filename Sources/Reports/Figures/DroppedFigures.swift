import Records

/// Copies that found no place at their expert, and tokens that no expert served.
public struct DroppedFigures: Codable, Equatable, Sendable {
    /// Copies dropped, in all layers of all measured steps.
    public let copies: Int
    /// Copies dropped / copies that the router asked for, over all layers of all measured steps; 0 to 1.
    @OrNull public private(set) var fraction: Double?
    /// The largest fraction of one (step, layer).
    @OrNull public private(set) var largestFraction: Double?
    /// Tokens that no expert served in a layer, since all their copies were dropped or the router gave them none;
    /// summed over all layers of all measured steps.
    public let tokens: Int
    /// `tokens` / tokens of the steps times their layers; 0 to 1.
    @OrNull public private(set) var tokenFraction: Double?
    /// The largest such fraction of one (step, layer).
    @OrNull public private(set) var largestTokenFraction: Double?

    /// The drops of recorded steps.
    init(_ steps: [StepRecord]) {
        let layers = steps.flatMap(\.layers)
        let dropped = layers.map { $0.expertDropped.reduce(0, +) }
        let asked = layers.map(\.copiesAskedFor)
        let routed = steps.flatMap { step in step.layers.map { _ in step.tokens } }
        let unserved = layers.map(\.tokensWithoutExpert)
        copies = dropped.reduce(0, +)
        tokens = unserved.reduce(0, +)
        fraction = Average.ratio(Double(copies), Double(asked.reduce(0, +)))
        tokenFraction = Average.ratio(Double(tokens), Double(routed.reduce(0, +)))
        largestFraction = Self.largestRatio(dropped, asked)
        largestTokenFraction = Self.largestRatio(unserved, routed)
    }

    private static func largestRatio(_ parts: [Int], _ wholes: [Int]) -> Double? {
        zip(parts, wholes).compactMap { Average.ratio(Double($0), Double($1)) }.max()
    }
}

extension LayerRecord {
    /// Copies that the router asked for: kept and dropped.
    var copiesAskedFor: Int { expertCopies.reduce(0, +) + expertDropped.reduce(0, +) }
}
