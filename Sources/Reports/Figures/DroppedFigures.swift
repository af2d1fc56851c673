import CostModel

/// Copies that found the queue of their expert full.
public struct DroppedFigures: Codable, Equatable, Sendable {
    /// Copies dropped, in all layers of all measured steps.
    public let copies: Int
    /// Copies dropped / copies that the router asked for, over all layers of all measured steps; 0 to 1.
    @OrNull public private(set) var fraction: Double?
    /// The largest fraction of one (step, layer).
    @OrNull public private(set) var largestFraction: Double?
    /// Tokens that lost all their copies of a layer, summed over all layers of all measured steps.
    public let tokens: Int

    /// The drops of given layers.
    init(_ layers: [LayerRecord]) {
        let dropped = layers.map { $0.expertDropped.reduce(0, +) }
        let asked = zip(layers, dropped).map { $0.expertCopies.reduce(0, +) + $1 }
        copies = dropped.reduce(0, +)
        tokens = layers.reduce(0) { $0 + $1.tokensWithoutExpert }
        fraction = Average.ratio(Double(copies), Double(asked.reduce(0, +)))
        largestFraction = zip(dropped, asked).compactMap { Average.ratio(Double($0), Double($1)) }.max()
    }
}
