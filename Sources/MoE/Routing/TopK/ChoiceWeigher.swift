import Foundation

/// Gives the choices of every token their weights, before the scale.
struct ChoiceWeigher {
    let rule: TopKRule

    /// Sets the weights of all choices, divided where that comes before the drop.
    func weigh(_ choices: inout ChoiceTable) {
        for token in 0..<choices.tokens { weigh(&choices, token) }
    }

    /// Sets the weights of tokens that were moved to another expert, and divides those of all tokens by what they keep
    /// where that comes after the drop. A token that keeps nothing keeps its weights.
    func weighAgain(_ choices: inout ChoiceTable) {
        for token in choices.moved { weigh(&choices, token) }
        guard let normalization = rule.normalization, normalization.moment == .afterDrop else { return }
        for token in 0..<choices.tokens {
            let copies = choices.copies(ofToken: token)
            let kept = copies.lazy.filter { [place = choices.place] in place[$0] != DispatchPlan.dropped }
            guard !kept.isEmpty else { continue }
            let divisor = normalization.divisor(kept.lazy.map { [weight = choices.weight] in weight[$0] })
            for copy in kept { choices.weight[copy] /= divisor }
        }
    }

    private func weigh(_ choices: inout ChoiceTable, _ token: Int) {
        let copies = choices.copies(ofToken: token)
        for copy in copies { choices.weight[copy] = choices.score[copy] }
        if rule.score == .softmaxOfChosen { TokenScores.setToSoftmax(&choices.weight, copies) }
        guard let normalization = rule.normalization, normalization.moment == .beforeDrop else { return }
        let divisor = normalization.divisor(choices.weight[copies])
        for copy in copies { choices.weight[copy] /= divisor }
    }
}

extension ChoiceTable {
    /// Leaves out the further choices that a policy does not ask for.
    mutating func skipFurther(_ policy: FurtherChoices, batch: RouterBatch) {
        guard policy != .all && policy != .sampling else { return }
        for copy in expert.indices where copy % topK > 0 {
            let (token, choice) = copy.quotientAndRemainder(dividingBy: topK)
            isAsked[copy] = policy.asks(weight: weight[copy], score: score[copy]) {
                batch.uniform(.furtherChoice, token * (topK - 1) + choice - 1)
            }
            if case .randomByScore = policy { weight[copy] = score[copy] }
        }
    }
}
