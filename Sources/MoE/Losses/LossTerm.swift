/// A loss that a token-choice router reports, with its coefficient.
public struct LossTerm: Equatable, Sendable {
    /// The loss.
    public var rule: LossRule
    /// Its coefficient in the training objective; a loss is reported even where it is 0.
    public var coefficient: Double

    /// A loss with its coefficient.
    public init(_ rule: LossRule, _ coefficient: Double = 0) {
        self.rule = rule
        self.coefficient = coefficient
    }

    /// The loss of one layer.
    func loss(_ input: LossInput) -> BalanceLoss {
        BalanceLoss(
            name: rule.name,
            value: rule.value(input),
            coefficient: coefficient,
            valueAtBalance: rule.valueAtBalance(topK: input.choices.topK)
        )
    }
}
