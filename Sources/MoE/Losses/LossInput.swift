/// What the losses of a layer are computed from.
struct LossInput {
    /// What was summed over tokens.
    let sums: LossSums
    /// The choices of all tokens, before any drop.
    let choices: ChoiceTable

    /// How often each expert was chosen by some tokens, `[experts]`.
    ///
    /// - Parameter first: true to count first choices only.
    func counts(_ tokens: Range<Int>, first: Bool = false) -> [Int] {
        var counts = [Int](repeating: 0, count: choices.experts)
        let step = first ? choices.topK : 1
        for copy in stride(from: tokens.lowerBound * choices.topK, to: tokens.upperBound * choices.topK, by: step) {
            counts[Int(choices.expert[copy])] += 1
        }
        return counts
    }

    /// How many tokens chose at least one expert of each of `devices` equal parts, `[devices]`.
    func visits(devices: Int) -> [Int] {
        let size = choices.experts / devices
        var counts = [Int](repeating: 0, count: devices)
        var lastVisitor = [Int](repeating: -1, count: devices)
        for token in 0..<choices.tokens {
            for copy in choices.copies(ofToken: token) {
                let device = Int(choices.expert[copy]) / size
                if lastVisitor[device] != token { counts[device] += 1 }
                lastVisitor[device] = token
            }
        }
        return counts
    }
}
