import Foundation
import Tensors

/// The popularity of the experts of one layer, as logarithms, which neither overflow nor vanish.
struct ExpertPopularity {
    /// The logarithm of each expert's popularity, up to one common summand; `[experts]`.
    let logarithms: [Double]

    /// Draws the popularity of one layer; which experts are popular differs from layer to layer.
    ///
    /// - Parameters:
    ///   - tokens: tokens of one step, the scale of a power law.
    init(_ distribution: ExpertDistribution, seed: UInt64, layer: Int, experts: Int, tokens: Int) {
        let random = CounterRandom(seed: seed, purpose: .expertPopularity, layer)
        switch distribution {
        case .uniform:
            logarithms = [Double](repeating: 0, count: experts)
        case .zipf(let exponent):
            logarithms = Self.ranks(experts, random).map { -exponent * log(Double($0)) }
        case .logNormal(let sigma):
            logarithms = (0..<experts).map { sigma * Self.normal($0, random) }
        case .powerLaw(let exponent):
            let top = log(max(1, 0.8 * Double(tokens)))
            logarithms = (0..<experts).map {
                Self.powerLawLogarithm(random.uniformDouble($0), exponent: exponent, logOfTop: top)
            }
        }
    }

    /// A seeded permutation of 1...count: the rank of each expert.
    private static func ranks(_ count: Int, _ random: CounterRandom) -> [Int] {
        let keys = (0..<count).map { random.uniformDouble($0) }
        let order = (0..<count).sorted { (keys[$0], $0) < (keys[$1], $1) }
        return order.enumerated().reduce(into: [Int](repeating: 0, count: count)) { ranks, item in
            ranks[item.element] = item.offset + 1
        }
    }

    /// A standard normal number. Source: Box and Muller, 'A note on the generation of random normal deviates', 1958.
    private static func normal(_ index: Int, _ random: CounterRandom) -> Double {
        let radius = (-2 * log(random.uniformDouble(2 * index))).squareRoot()
        return radius * cos(2 * Double.pi * random.uniformDouble(2 * index + 1))
    }

    /// The logarithm of the inverse CDF of the density x^-exponent on [1, top] at `uniform`.
    ///
    /// With s = 1 - exponent, x = (1 + u·(top^s - 1))^(1/s), which becomes top^u at s = 0.
    static func powerLawLogarithm(_ uniform: Double, exponent: Double, logOfTop: Double) -> Double {
        let power = 1 - exponent
        if power == 0 { return uniform * logOfTop }
        return log1p(uniform * expm1(power * logOfTop)) / power
    }
}
