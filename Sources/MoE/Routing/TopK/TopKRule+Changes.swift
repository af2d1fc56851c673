extension TopKRule {
    /// What this rule does otherwise than another, for headers: one entry per aspect, for example
    /// `top-k 4 (from 8)`.
    public func changes(from other: TopKRule) -> [String] {
        RouterOptions.rows.compactMap(\.aspect).compactMap { aspect in
            let (new, old) = (aspect.words(self), aspect.words(other))
            return new == old ? nil : "\(aspect.name) \(new) (from \(old))"
        }
    }

    var noiseWords: String {
        switch noise {
        case .normal(let deviation): "of standard deviation \(Self.short(deviation))"
        case .gumbelForChoice: "Gumbel, for the choice"
        case nil: "none"
        }
    }

    var biasWords: String {
        guard let bias else { return "none" }
        return bias.form.rawValue + ", "
            + (bias.rate == 0 ? "fixed" : "by \(bias.update.rawValue), \(Self.short(bias.rate)) a step")
    }

    var normalizationWords: String {
        guard let normalization else { return "nothing" }
        let norm = normalization.power == 1 ? "their sum" : "their \(Self.short(normalization.power))-norm"
        let least = normalization.floor == 0 ? "" : ", at least \(Self.short(normalization.floor))"
        return "\(norm)\(least), \(normalization.moment == .beforeDrop ? "before" : "after") the drop"
    }

    /// What is dropped, with what ``dropSummary`` does not say.
    var capacityWords: String {
        guard let rounding = capacity?.rounding, rounding != .up else { return dropSummary }
        return "\(dropSummary), rounded \(rounding == .nearest ? "to the nearest" : rounding.rawValue)"
    }

    var furtherWords: String { further.policy.rawValue + (further.threshold.map { " " + Self.short($0) } ?? "") }

    var deviceDropWords: String {
        deviceDrop.map { "over \(Self.short($0.factor)) on \($0.devices) devices" } ?? "nothing"
    }
}
