/// Mixes a token's embedding with those of the tokens before it, so that equal tokens in different places differ.
///
/// The context is the sum of the last 16 embeddings with weights that fall by a quarter from token to token, scaled so
/// that a token of independent embeddings keeps variance 1. A quarter of the variance is context: two places of one
/// word stay as similar as 0.75.
struct ContextMixer: Sendable {
    /// Tokens that are looked back at.
    static let window = 16
    /// What one step further back costs.
    static let decay: Float = 0.75
    /// The share of the variance that comes from the context.
    static let contextVariance: Float = 0.25

    /// Weight of the token itself.
    private let ownWeight: Float
    /// Weight of the token 1, 2, ... places back.
    private let pastWeights: [Float]

    init() {
        let powers = (1..<Self.window).reduce(into: [Float(1)]) { powers, index in
            powers.append(powers[index - 1] * Self.decay)
        }
        let norm = powers.reduce(0) { $0 + $1 * $1 }
        let scale = (Self.contextVariance / norm).squareRoot()
        pastWeights = powers.map { $0 * scale }
        ownWeight = (1 - Self.contextVariance).squareRoot()
    }

    /// The hidden state of a token.
    ///
    /// - Parameters:
    ///   - own: its embedding, `[hidden]`.
    ///   - past: the embeddings of the `window` tokens before it, the nearest first.
    func mix(_ own: [Float], past: [[Float]]) -> [Float] {
        var values = own.map { $0 * ownWeight }
        for (weight, embedding) in zip(pastWeights, past) {
            for index in values.indices { values[index] += weight * embedding[index] }
        }
        return values
    }
}
