/// What the losses of a layer are computed from.
struct LossInput {
    /// Logits, scores and probabilities of all tokens.
    let scores: TokenScores
    /// The choices of all tokens, before any drop.
    let choices: ChoiceTable
    /// The groups of tokens that compete for places.
    let groups: [Range<Int>]
    /// The sequences that the tokens form.
    let sequences: [Range<Int>]

    /// How often each expert was chosen by some tokens, `[experts]`.
    ///
    /// - Parameter first: true to count first choices only.
    func counts(_ tokens: Range<Int>, first: Bool = false) -> [Int] {
        var counts = [Int](repeating: 0, count: scores.experts)
        for token in tokens {
            let copies = choices.copies(ofToken: token)
            for copy in first ? copies.prefix(1) : copies { counts[Int(choices.expert[copy])] += 1 }
        }
        return counts
    }

    /// How many of some tokens chose at least one expert of each of `devices` equal parts, `[devices]`.
    func visits(_ tokens: Range<Int>, devices: Int) -> [Int] {
        let size = scores.experts / devices
        var counts = [Int](repeating: 0, count: devices)
        var lastVisitor = [Int](repeating: -1, count: devices)
        for token in tokens {
            for copy in choices.copies(ofToken: token) {
                let device = Int(choices.expert[copy]) / size
                if lastVisitor[device] != token { counts[device] += 1 }
                lastVisitor[device] = token
            }
        }
        return counts
    }

    /// How often each expert is among the k largest scores of some tokens, without any bias or limit, `[experts]`.
    func unbiasedCounts(_ tokens: Range<Int>) -> [Int] {
        var counts = [Int](repeating: 0, count: scores.experts)
        var selector = TopKSelector(count: choices.topK)
        for token in tokens {
            selector.select(from: scores.logits, at: scores.row(token))
            for expert in selector.indices { counts[Int(expert)] += 1 }
        }
        return counts
    }
}
