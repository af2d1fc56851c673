import Tensors

/// The two-level noisy top-k gating of Shazeer et al. 2017 (arXiv 1701.06538, appendix B).
///
/// A primary gate chooses k of a groups, and a secondary gate of every chosen group k of its b = E / a experts, each
/// by ``NoisyTopKRouter``'s rule; expert j of group i weighs Gp_i(x) G^(i)_j(x). The importance is the sum of these
/// weights; the load is Load_p[i] Load^(i)[j] / |X^(i)|, X^(i) being the tokens that chose group i.
public struct HierarchicalRouter: Router {
    /// Groups of the first level, a.
    public var groups: Int
    /// Choices on each level, k; a token has k^2 copies.
    public var topK: Int
    /// The constant added to the softplus that scales the noise.
    public var noiseEpsilon: Double
    /// Coefficient of the importance loss.
    public var importanceLoss: Double
    /// Coefficient of the load loss.
    public var loadLoss: Double
    /// True to add noise to the logits of both levels, as in training.
    public var isTraining: Bool

    /// Create a two-level router; the defaults are those of the paper's language models.
    public init(
        groups: Int = 16,
        topK: Int = 2,
        noiseEpsilon: Double = 0.01,
        importanceLoss: Double = 0.1,
        loadLoss: Double = 0.1,
        isTraining: Bool = true
    ) {
        self.groups = groups
        self.topK = topK
        self.noiseEpsilon = noiseEpsilon
        self.importanceLoss = importanceLoss
        self.loadLoss = loadLoss
        self.isTraining = isTraining
    }

    /// The projections that this router reads: the gates of both levels, and the scales of their noise.
    public var projections: [RouterProjection] { [.primaryGate, .primaryNoise, .gate, .noise] }

    /// The number of groups for the primary projections, else the number of experts.
    public func columns(of projection: RouterProjection, experts: Int) -> Int {
        projection == .primaryGate || projection == .primaryNoise ? groups : experts
    }

    /// False, as a gate with noise has no bias.
    public var readsGateBias: Bool { false }

    /// True when a token's routing does not depend on the rest of the batch: without noise.
    public var decidesPerToken: Bool { !isTraining }

    /// k * k: k choices on the second level for each of the k on the first.
    public func mostCopies(experts: Int) -> Int { topK * topK }

    /// Route one batch; choices stand in descending order of weight.
    ///
    /// - Throws: ``RoutingError`` when a logit is not finite, when the groups do not divide the experts, when top-k
    ///   does not fit the groups or the experts of one, or when the batch does not hold the four projections.
    public func route(_ batch: RouterBatch, state: inout RouterState) throws(RoutingError) -> Routing {
        try check(batch)
        let matrices = try batch.checkedMatrices(for: self, least: topK)
        let size = batch.experts / groups
        var primary = gate(batch, experts: groups)
        var secondary = (0..<groups).map { _ in gate(batch, experts: size) }
        var visitors = [Int](repeating: 0, count: groups)
        var builder = PlanBuilder(experts: batch.experts)
        for token in 0..<batch.tokens {
            route(&primary, matrices[0], matrices[1], token, columns: 0..<groups, .primaryNoise, token * groups, batch)
            var copies: [(expert: Int, weight: Double)] = []
            for (group, share) in zip(primary.expert.suffix(topK), primary.gate.suffix(topK)) where share > 0 {
                let group = Int(group)
                let columns = group * size..<(group + 1) * size
                let left = columns.count { matrices[2][token, $0] != -.infinity }
                guard left >= topK else {
                    throw RoutingError(
                        "token \(token): logits of -inf leave \(left) experts in group \(group), which it chose; at least "
                            + "\(topK) are needed"
                    )
                }
                let start = (group * batch.tokens + token) * size
                route(&secondary[group], matrices[2], matrices[3], token, columns: columns, .noise, start, batch)
                visitors[group] += 1
                for (expert, weight) in zip(secondary[group].expert.suffix(topK), secondary[group].gate.suffix(topK)) {
                    copies.append((columns.lowerBound + Int(expert), share * weight))
                }
            }
            builder.addToken(copies)
        }
        let load = secondary.indices.flatMap { group in
            secondary[group].load.map { primary.load[group] * $0 / Double(max(visitors[group], 1)) }
        }
        return routing(builder, load: load)
    }

    private func check(_ batch: RouterBatch) throws(RoutingError) {
        guard groups >= 1 && batch.experts % groups == 0 else {
            throw RoutingError("\(batch.experts) experts do not divide into \(groups) groups of equal size")
        }
        let limit = min(groups, batch.experts / groups)
        guard topK >= 1 && topK <= limit else {
            throw RoutingError("top-k is \(topK) on each level; allowed are 1 to \(limit)")
        }
        try batch.check(topK: min(topK * topK, batch.experts))
    }

    private func gate(_ batch: RouterBatch, experts: Int) -> NoisyTopKGate {
        NoisyTopKGate(
            tokens: batch.tokens,
            experts: experts,
            topK: topK,
            noiseEpsilon: noiseEpsilon,
            isTraining: isTraining
        )
    }

    private func route(
        _ gate: inout NoisyTopKGate,
        _ clean: Matrix,
        _ raw: Matrix,
        _ token: Int,
        columns: Range<Int>,
        _ lane: RandomLane,
        _ start: Int,
        _ batch: RouterBatch
    ) {
        for (place, column) in columns.enumerated() {
            gate.clean[place] = Double(clean[token, column])
            gate.raw[place] = Double(raw[token, column])
        }
        batch.fillNormal(lane, &gate.normal, from: start)
        gate.routeToken()
    }

    private func routing(_ builder: PlanBuilder, load: [Double]) -> Routing {
        Routing(
            plan: builder.plan,
            importance: builder.importance,
            smoothLoad: load,
            losses: [
                BalanceLoss(
                    name: "importance",
                    value: SquaredVariation.value(of: builder.importance),
                    coefficient: importanceLoss,
                    valueAtBalance: 0
                ),
                BalanceLoss(
                    name: "load",
                    value: SquaredVariation.value(of: load),
                    coefficient: loadLoss,
                    valueAtBalance: 0
                ),
            ]
        )
    }
}
