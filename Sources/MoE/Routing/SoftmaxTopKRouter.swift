import Foundation
import Tensors

/// Softmax over all experts, then the k largest: the rule of most models since Switch.
///
/// With renormalisation it is the rule of Mixtral, Qwen3-MoE and DBRX; without, that of Switch (k = 1), OLMoE,
/// Qwen2-MoE, Jamba, DeepSeekMoE-16B and DeepSeek-V2-Lite.
public struct SoftmaxTopKRouter: Router {
    /// Choices per token, k.
    public var topK: Int
    /// True to divide the k weights of a token by their sum.
    public var normalize: Bool
    /// Multiplies every weight, after any renormalisation.
    public var scale: Float
    /// Coefficient of the balance loss of Switch; the loss is reported even where the coefficient is 0.
    public var auxiliaryLoss: Double
    /// How many copies an expert takes, or nil to drop nothing.
    public var capacity: CapacityRule?

    /// A softmax top-k router.
    public init(
        topK: Int,
        normalize: Bool,
        scale: Float = 1,
        auxiliaryLoss: Double = 0,
        capacity: CapacityRule? = nil
    ) {
        self.topK = topK
        self.normalize = normalize
        self.scale = scale
        self.auxiliaryLoss = auxiliaryLoss
        self.capacity = capacity
    }

    /// The gate alone.
    public var projections: [RouterProjection] { [.gate] }

    /// Routes one batch; choices stand in descending order of weight, equal logits by ascending expert.
    ///
    /// - Throws: ``RoutingError`` when a logit is not finite, when top-k does not fit the experts, or when the batch
    ///   does not hold the gate's logits.
    public func route(_ batch: RouterBatch, state: inout RouterState) throws(RoutingError) -> Routing {
        try batch.check(topK: topK)
        let logits = try batch.checkedMatrices(for: projections)[0]
        var choices = Choices(tokens: batch.tokens, experts: batch.experts, topK: topK)
        for token in 0..<batch.tokens {
            choices.add(logits.row(token), normalize: normalize, scale: scale)
        }
        return Routing(
            plan: DispatchPlan(
                experts: batch.experts,
                choicesPerToken: topK,
                expert: choices.expert,
                weight: choices.weight,
                capacity: capacity
            ),
            importance: choices.importance,
            losses: [loss(of: choices, tokens: batch.tokens)]
        )
    }

    private func loss(of choices: Choices, tokens: Int) -> BalanceLoss {
        let value = SwitchAuxiliaryLoss.value(
            choices: choices.chosen,
            meanProbability: choices.probability.map { $0 / Double(max(tokens, 1)) },
            tokens: tokens,
            topK: topK,
            unit: .one
        )
        return BalanceLoss(
            name: "switch auxiliary",
            value: value,
            coefficient: auxiliaryLoss,
            valueAtBalance: 1
        )
    }
}

extension SoftmaxTopKRouter {
    /// The choices made so far and the sums over tokens, with the scratch memory that rows share.
    private struct Choices {
        private(set) var expert: [Int32] = []
        private(set) var weight: [Float] = []
        /// Sum of weights per expert.
        private(set) var importance: [Double]
        /// Sum of probabilities per expert.
        private(set) var probability: [Double]
        /// Times that each expert was chosen.
        private(set) var chosen: [Int]
        private var row: [Float]
        private var selector: TopKSelector<Float>

        init(tokens: Int, experts: Int, topK: Int) {
            expert.reserveCapacity(tokens * topK)
            weight.reserveCapacity(tokens * topK)
            importance = [Double](repeating: 0, count: experts)
            probability = importance
            chosen = [Int](repeating: 0, count: experts)
            row = [Float](repeating: 0, count: experts)
            selector = TopKSelector(count: topK)
        }

        /// Routes one token by its logits, which have the order of the probabilities but fewer ties.
        mutating func add(_ logits: ArraySlice<Float>, normalize: Bool, scale: Float) {
            selector.select(from: logits)
            setRowToSoftmax(of: logits, largest: selector.scores[0])
            var sum: Float = 1
            if normalize {
                sum = selector.indices.reduce(0) { $0 + row[Int($1)] }
            }
            for choice in selector.indices {
                let weight = row[Int(choice)] / sum * scale
                expert.append(choice)
                self.weight.append(weight)
                importance[Int(choice)] += Double(weight)
                chosen[Int(choice)] += 1
            }
        }

        private mutating func setRowToSoftmax(of logits: ArraySlice<Float>, largest: Float) {
            var sum: Float = 0
            var expert = 0
            for logit in logits {
                let power = exp(logit - largest)
                row[expert] = power
                sum += power
                expert += 1
            }
            for expert in row.indices {
                row[expert] /= sum
                probability[expert] += Double(row[expert])
            }
        }
    }
}
