import Cluster
internal import Experts
import MoE
internal import Tensors

/// The check of a layer's gates by recomputation: the router's projections and the weight of the shared expert.
struct LogitCheck {
    /// The largest allowed error of a logit, relative to |w| |x|: a logit near zero is a difference of large terms and
    /// keeps their rounding; the product of the norms bounds those terms.
    private static let tolerance: Float = 1e-5

    /// The number of tokens that are checked between two calls of `pump`, which keeps the heartbeats going.
    private static let tokensPerPump = 16

    let setup: SessionSetup

    /// The tokens with a wrong router logit, or a wrong weight of the shared expert.
    ///
    /// - Parameter pump: called often, so that heartbeats go on.
    func wrongTokens(_ kept: KeptLayer, pump: () throws(RuntimeError) -> Void) throws -> Set<Int> {
        var wrong: Set<Int> = []
        let router = setup.router
        let seen = router.seen(kept.input.tokens, step: kept.step, layer: kept.layer, seed: setup.seed)
        for (projection, live) in zip(router.projections, kept.routed.batch.projections)
        where kept.logitsAreModels || projection != .gate {
            let matrix = try setup.experts.projection(projection, outputs: live.columns, layer: kept.layer)
            let bias = projection == .gate ? try setup.experts.routerBias(layer: kept.layer) : nil
            wrong.formUnion(try differences(live, seen, matrix, bias, pump))
        }
        if let gate = try setup.experts.sharedGate(layer: kept.layer) {
            wrong.formUnion(wrongWeights(kept, gate))
        }
        return wrong
    }

    private func differences(
        _ live: Matrix,
        _ tokens: Matrix,
        _ matrix: Matrix,
        _ bias: [Float]?,
        _ pump: () throws(RuntimeError) -> Void
    ) throws -> [Int] {
        let sizes = (0..<matrix.rows).map { Self.norm(matrix.row($0)) }
        return try (0..<live.rows).filter { token in
            if token % Self.tokensPerPump == 0 { try pump() }
            let input = tokens.row(token)
            let products = ReferenceProduct.product(matrix.values, Array(input))
            let scale = Self.norm(input)
            return !products.indices.allSatisfy { output in
                let offset = bias?[output] ?? 0
                let limit = (sizes[output] * scale + abs(offset)) * Self.tolerance
                return abs(live[token, output] - products[output] - offset) <= limit
            }
        }
    }

    private func wrongWeights(_ kept: KeptLayer, _ gate: [Float]) -> [Int] {
        let tokens = kept.input.tokens
        let size = gate.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard let visits = kept.common.first else { return Array(0..<tokens.rows) }
        return (0..<tokens.rows).filter { token in
            let input = Array(tokens.row(token))
            let expected = SharedGate.sigmoid(ReferenceProduct.product(gate, input)[0])
            // The slope of the sigmoid is at most 1/4.
            let limit = size * Self.norm(input[...]) * Self.tolerance + Float.ulpOfOne
            return !(abs(visits.weight(ofToken: token) - expected) <= limit)
        }
    }

    private static func norm(_ values: ArraySlice<Float>) -> Float {
        values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
}
