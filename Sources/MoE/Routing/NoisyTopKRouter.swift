import Tensors

/// Noisy top-k gating of Shazeer et al. 2017 (arXiv 1701.06538), with its two balance losses.
///
/// H = clean + N(0, 1) (softplus(raw) + epsilon), where clean and raw are two projections of the token; the k largest
/// of H are chosen and weighted by a softmax over them. The paper has epsilon 0, its published code 0.01. Without
/// training there is no noise.
public struct NoisyTopKRouter: Router {
    /// Choices per token, k.
    public var topK: Int
    /// The constant added to the softplus that scales the noise.
    public var noiseEpsilon: Double
    /// Coefficient of the squared coefficient of variation of the importance (w_importance).
    public var importanceLoss: Double
    /// Coefficient of the squared coefficient of variation of the smooth load (w_load).
    public var loadLoss: Double
    /// The rule of an expert's capacity, or nil to drop nothing, as in the paper.
    public var capacity: CapacityRule?
    /// True to add noise to the logits, as in training.
    public var isTraining: Bool

    /// A noisy top-k router; the defaults are those of the paper's language models.
    public init(
        topK: Int,
        noiseEpsilon: Double = 0.01,
        importanceLoss: Double = 0.1,
        loadLoss: Double = 0.1,
        capacity: CapacityRule? = nil,
        isTraining: Bool = true
    ) {
        self.topK = topK
        self.noiseEpsilon = noiseEpsilon
        self.importanceLoss = importanceLoss
        self.loadLoss = loadLoss
        self.capacity = capacity
        self.isTraining = isTraining
    }

    /// The projections that this router reads: the gate, and the scale of its noise.
    public var projections: [RouterProjection] { [.gate, .noise] }

    /// False, as a gate with noise has no bias.
    public var readsGateBias: Bool { false }

    /// True when a token's routing does not depend on the rest of the batch: without noise and without a capacity.
    public var decidesPerToken: Bool { !isTraining && capacity == nil }

    /// The choices per token, k.
    public func mostCopies(experts: Int) -> Int { topK }

    /// Route one batch; choices stand in descending order of weight, equal noisy logits by ascending expert.
    ///
    /// The noise of token t and expert e is number t E + e of the batch's random numbers.
    ///
    /// - Throws: ``RoutingError`` when a logit is not finite, when top-k does not fit the experts, or when the batch
    ///   does not hold the two projections.
    public func route(_ batch: RouterBatch, state: inout RouterState) throws(RoutingError) -> Routing {
        try batch.check(topK: topK)
        let matrices = try batch.checkedMatrices(for: self, least: topK)
        var gate = NoisyTopKGate(
            tokens: batch.tokens,
            experts: batch.experts,
            topK: topK,
            noiseEpsilon: noiseEpsilon,
            isTraining: isTraining
        )
        for token in 0..<batch.tokens {
            let start = token * batch.experts
            for expert in 0..<batch.experts {
                gate.clean[expert] = Double(matrices[0].values[start + expert])
                gate.raw[expert] = Double(matrices[1].values[start + expert])
            }
            batch.fillNormal(.noise, &gate.normal, from: start)
            gate.routeToken()
        }
        return try routing(of: gate, batch)
    }

    /// The plan and the losses of the tokens that a gate has routed.
    func routing(of gate: NoisyTopKGate, _ batch: RouterBatch) throws(RoutingError) -> Routing {
        var choices = ChoiceTable(experts: batch.experts, topK: topK, expert: gate.expert, weight: gate.gate)
        let contest = try QueueContest(capacity, batch: batch)
        contest.settle(&choices)
        return Routing(
            plan: choices.plan(),
            importance: gate.importance,
            smoothLoad: gate.load,
            losses: [
                loss("importance", of: gate.importance, coefficient: importanceLoss),
                loss("load", of: gate.load, coefficient: loadLoss),
            ],
            paddedRows: contest.paddedRows(topK: topK, experts: batch.experts)
        )
    }

    private func loss(_ name: String, of values: [Double], coefficient: Double) -> BalanceLoss {
        BalanceLoss(
            name: name,
            value: SquaredVariation.value(of: values),
            coefficient: coefficient,
            valueAtBalance: 0
        )
    }
}

/// A selector of the largest scores of a row, in descending order; of equal scores the lowest index comes first.
///
/// It keeps its memory from row to row.
struct TopKSelector {
    /// Indices of the selected scores, in descending order of score.
    private(set) var indices: [Int32]
    /// The selected scores, in descending order.
    private(set) var scores: [Double]

    /// The maxima of blocks, for rows in which most scores are not selected.
    private var maxima = BlockMaxima()
    /// The least width of a row that is searched by the maxima of its blocks; as measured, narrower rows are searched
    /// faster score by score.
    private static let wideRow = 16

    /// A selector of `count` scores of each row.
    init(count: Int) {
        indices = [Int32](repeating: 0, count: count)
        scores = [Double](repeating: 0, count: count)
    }

    /// Select the largest of `values`, or of those at `places`; there are at least `count` of them, none of them NaN.
    mutating func select(from values: [Double], at places: Range<Int>? = nil) {
        unsafe values.withUnsafeBufferPointer { values in
            unsafe select(from: UnsafeBufferPointer(rebasing: values[places ?? values.indices]))
        }
    }

    /// Select the largest scores of a row, which has at least `count`, none of them NaN.
    @unsafe
    mutating func select(from row: UnsafeBufferPointer<Double>) {
        let count = indices.count
        precondition(row.count >= count, "a row of \(row.count) scores, of which \(count) are to be selected")
        guard count > 0 else { return }
        unsafe indices.withUnsafeMutableBufferPointer { indices in
            unsafe scores.withUnsafeMutableBufferPointer { scores in
                guard row.count < Self.wideRow else {
                    return unsafe maxima.select(from: row, indices: indices, scores: scores)
                }
                for index in 0..<row.count {
                    let score = unsafe row[index]
                    // Most scores are no better than the last one that is held.
                    if index >= count { guard unsafe score > scores[count - 1] else { continue } }
                    var place = min(index, count - 1)
                    while unsafe place > 0 && scores[place - 1] < score {
                        unsafe scores[place] = scores[place - 1]
                        unsafe indices[place] = indices[place - 1]
                        place -= 1
                    }
                    unsafe scores[place] = score
                    unsafe indices[place] = Int32(truncatingIfNeeded: index)
                }
            }
        }
    }
}
