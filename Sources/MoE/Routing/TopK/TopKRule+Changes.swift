extension TopKRule {
    /// What this rule does otherwise than another, for headers: one entry per aspect, for example
    /// `top-k 4 (from 8)`.
    public func changes(from other: TopKRule) -> [String] {
        zip(aspects, other.aspects).filter { $0 != $1 }.map { new, old in
            "\(new.name) \(new.value) (from \(old.value))"
        }
    }

    /// The values of the rule in words, the same aspects in the same order for every rule.
    private var aspects: [(name: String, value: String)] {
        [
            ("top-k", "\(topK)"),
            ("softcap", softcap.map(short) ?? "none"),
            ("logit noise", noiseWords),
            ("jitter", inputJitter.map(short) ?? "none"),
            ("selection bias", biasWords),
            ("groups", groups.map { "\($0.kept) of \($0.groups)" } ?? "none"),
            ("weights divided by", normalizationWords),
            ("scale", short(scale)),
            ("further choices", further.policy.rawValue + (further.threshold.map { " " + short($0) } ?? "")),
            ("drops", dropSummary + roundingWords),
            ("drops by device", deviceDrop.map { "over \(short($0.factor)) on \($0.devices) devices" } ?? "nothing"),
            ("blocks of", blockRows.map { "\($0) rows" } ?? "1 row"),
            ("losses", lossSummary),
        ]
    }

    private var noiseWords: String {
        switch noise {
        case .normal(let deviation): "of standard deviation \(short(deviation))"
        case .gumbelForChoice: "Gumbel, for the choice"
        case nil: "none"
        }
    }

    private var biasWords: String {
        guard let bias else { return "none" }
        return bias.form.rawValue + ", "
            + (bias.rate == 0 ? "fixed" : "by \(bias.update.rawValue), \(short(bias.rate)) a step")
    }

    private var normalizationWords: String {
        guard let normalization else { return "nothing" }
        let norm = normalization.power == 1 ? "their sum" : "their \(short(normalization.power))-norm"
        let least = normalization.floor == 0 ? "" : ", at least \(short(normalization.floor))"
        return "\(norm)\(least), \(normalization.moment == .beforeDrop ? "before" : "after") the drop"
    }

    /// What ``dropSummary`` does not say.
    private var roundingWords: String {
        guard let rounding = capacity?.rounding, rounding != .up else { return "" }
        return ", rounded \(rounding == .nearest ? "to the nearest" : rounding.rawValue)"
    }
}
