extension TopKRule {
    /// What the rule does, in a few words, for tables.
    public var summary: String {
        var parts: [String] = []
        switch score {
        case .softmax: parts.append("softmax over all experts")
        case .sigmoid: parts.append("sigmoid")
        case .softmaxOfChosen: parts.append("softmax over the chosen logits")
        case .logit: parts.append("raw logits")
        }
        if let softcap { parts.append("of \(softcap) tanh(l / \(softcap))") }
        parts.append("top-\(topK)")
        if bias != nil { parts.append("selected with a bias") }
        if let groups { parts.append("within \(groups.kept) of \(groups.groups) groups") }
        switch normalization?.moment {
        case .beforeDrop: parts.append("divided by the sum")
        case .afterDrop: parts.append("divided by the sum of what is kept")
        case nil: if score != .softmaxOfChosen { parts.append("not renormalised") }
        }
        if scale != 1 { parts.append("times \(scale)") }
        if weightTarget == .input { parts.append("on the expert's input") }
        return parts.joined(separator: ", ")
    }

    /// The losses with their coefficients, for tables.
    public var lossSummary: String {
        guard !losses.isEmpty else { return "none" }
        return losses.map { "\($0.rule.name) \($0.coefficient)" }.joined(separator: ", ")
    }

    /// What is dropped, for tables.
    public var dropSummary: String {
        guard let capacity else { return "nothing" }
        let room =
            switch capacity.size {
            case .copies(let factor): "\(factor) k S / E"
            case .tokens(let factor): "\(factor) S / E"
            case .roundedTokens(let factor): "\(factor) ceil(S / E)"
            case .tokenFraction(let fraction): "\(fraction) S"
            case .slots(let slots): "\(slots)"
            }
        return "over \(room), at least \(capacity.minimum), by \(capacity.order.rawValue)"
    }
}
