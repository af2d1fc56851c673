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
        if let softcap { parts.append("of \(Self.short(softcap)) tanh(l / \(Self.short(softcap)))") }
        if case .normal(let deviation) = noise { parts.append("with noise of \(Self.short(deviation))") }
        parts.append("top-\(topK)")
        if bias != nil { parts.append("selected with a bias") }
        if let groups { parts.append("within \(groups.kept) of \(groups.groups) groups") }
        switch normalization?.moment {
        case .beforeDrop: parts.append("divided by the sum")
        case .afterDrop: parts.append("divided by the sum of what is kept")
        case nil: if score != .softmaxOfChosen { parts.append("not renormalised") }
        }
        if let furtherSummary { parts.append(furtherSummary) }
        if scale != 1 { parts.append("times \(Self.short(scale))") }
        if weightTarget == .input { parts.append("on the expert's input") }
        return parts.joined(separator: ", ")
    }

    private var furtherSummary: String? {
        switch further {
        case .all: nil
        case .none: "first choices only"
        case .threshold(let threshold): "further choices above \(Self.short(threshold))"
        case .random(let threshold): "further choices with probability weight / \(Self.short(threshold))"
        case .randomByScore(let threshold): "further choices with probability score / \(Self.short(threshold))"
        case .sampling: "further choices drawn"
        }
    }

    /// The losses with their coefficients, for tables.
    public var lossSummary: String {
        guard !losses.isEmpty else { return "none" }
        return losses.map { "\($0.rule.name) \(Self.short($0.coefficient))" }.joined(separator: ", ")
    }

    /// What is dropped, for tables.
    public var dropSummary: String {
        guard let capacity else { return "nothing" }
        var parts = ["over \(room(capacity.size))"]
        if capacity.minimum > 0 { parts.append("at least \(capacity.minimum)") }
        if capacity.multiple > 1 { parts.append("a multiple of \(capacity.multiple)") }
        switch capacity.scope {
        case .batch: break
        case .groups: parts.append("per group of \(capacity.group)")
        case .sequences: parts.append("per sequence")
        }
        parts.append("by \(capacity.order.rawValue)")
        if case .nextChoices(let passes) = capacity.overflow { parts.append("after \(passes) more choices") }
        return parts.joined(separator: ", ")
    }

    private func room(_ size: CapacityRule.Size) -> String {
        switch size {
        case .copies(let factor): "\(Self.short(factor)) k S / E"
        case .tokens(let factor): "\(Self.short(factor)) S / E"
        case .roundedTokens(let factor): "\(Self.short(factor)) ceil(S / E)"
        case .tokenFraction(let fraction): "\(Self.short(fraction)) S"
        case .slots(let slots): "\(slots) copies"
        }
    }

    /// Whole numbers without a point; `none` where there is no number.
    static func short(_ number: Double?) -> String {
        guard let number else { return "none" }
        return Int(exactly: number).map { String($0) } ?? "\(number)"
    }
}
