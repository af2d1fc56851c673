extension CapacityRule {
    /// The rule of a router that drops nothing by itself, when a run makes it drop: 1.25 k S / E, at least 4.
    public static let standard = CapacityRule(factor: 1.25, minimum: 4)
}

extension RouterOptions {
    /// The capacity rule of a family with what the run sets.
    func capacity(for family: CapacityRule?) -> CapacityRule? {
        if dropsNothing { return nil }
        let turnsOn = capacityFactor != nil || order != nil
        guard var rule = capacity ?? family ?? (turnsOn ? .standard : nil) else { return nil }
        rule.size = size(for: rule) ?? rule.size
        rule.minimum = minimumCapacity ?? rule.minimum
        rule.rounding = capacityRounding ?? rule.rounding
        rule.multiple = capacityMultiple ?? rule.multiple
        rule.scope = capacityScope ?? rule.scope
        rule.order = order ?? rule.order
        rule.overflow = overflow ?? rule.overflow
        return rule
    }

    /// Makes sure that number and unit of the capacity fit each other.
    func checkCapacity(of family: CapacityRule?) throws(RoutingError) {
        let rule = capacity ?? family ?? .standard
        guard !dropsNothing, size(for: rule) == nil else { return }
        let number = capacityFactor ?? rule.size.number
        let unit = capacityUnit ?? rule.size.unit
        let allowed = unit.isWhole ? "a whole number above 0" : "a number above 0"
        throw RoutingError("the capacity factor is \(number) of \(unit.rawValue); allowed is \(allowed)")
    }

    private func size(for rule: CapacityRule) -> CapacityRule.Size? {
        CapacityRule.Size(capacityFactor ?? rule.size.number, capacityUnit ?? rule.size.unit)
    }
}
