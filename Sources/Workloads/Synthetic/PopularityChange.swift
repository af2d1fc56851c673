import Foundation
import Tensors

/// The change of the popularity of experts from step to step, layer by layer, given by a seed.
public struct PopularityChange: Equatable, Sendable {
    /// The kind of a change.
    public enum Kind: String, CaseIterable, Sendable {
        /// In each period the logarithms of the popularities move evenly from one draw to the next.
        case drift
        /// In each period one expert is hot for a quarter of the steps, at least one, from a drawn step on.
        case burst
        /// After each period every expert passes its popularity on to another, a fixed distance away.
        case rotate
    }

    /// The kind of the change.
    public var kind: Kind
    /// Steps of a period; at least 1.
    public var period: Int
    /// The seed of draws, bursts and distances.
    public var seed: UInt64
    /// The factor on the popularity of an expert in a burst.
    public var factor: Double

    /// A change of the popularity.
    public init(kind: Kind, period: Int, seed: UInt64, factor: Double) {
        self.kind = kind
        self.period = period
        self.seed = seed
        self.factor = factor
    }

    /// The logarithms of the popularities in a step.
    ///
    /// - Parameters:
    ///   - base: those of the first draw, `[experts]`.
    ///   - draw: gives the logarithms of a draw after the first, by its number from 1 on.
    func logarithms(_ base: [Double], step: Int, layer: Int, draw: (Int) -> [Double]) -> [Double] {
        let (epoch, place) = step.quotientAndRemainder(dividingBy: period)
        switch kind {
        case .drift:
            let part = Double(place) / Double(period)
            return zip(epoch == 0 ? base : draw(epoch), draw(epoch + 1)).map { $0 + part * ($1 - $0) }
        case .rotate:
            guard base.count > 1 else { return base }
            // A distance that no two layers need share, and that never comes back to the start at once.
            let random = CounterRandom(seed: seed, purpose: .popularityChange, layer)
            let distance = 1 + Int(random.uniformDouble(0) * Double(base.count - 1))
            let shift = (epoch % base.count) * distance % base.count
            return base.indices.map { base[($0 + base.count - shift) % base.count] }
        case .burst:
            let random = CounterRandom(seed: seed, purpose: .popularityChange, layer, epoch)
            let length = max(1, period / 4)
            let first = Int(random.uniformDouble(0) * Double(period - length + 1))
            guard (first..<first + length).contains(place) else { return base }
            var logarithms = base
            logarithms[Int(random.uniformDouble(1) * Double(base.count))] += log(factor)
            return logarithms
        }
    }
}
