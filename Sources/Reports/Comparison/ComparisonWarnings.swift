/// Why two sides may not be comparable.
enum ComparisonWarnings {
    /// The warnings, in a fixed order.
    ///
    /// - Parameter areSame: whether both sides are the same runs.
    static func all(_ a: SideDescription, _ b: SideDescription, areSame: Bool) -> [String] {
        var warnings: [String] = []
        func compare<Value: Equatable>(_ values: (SideDescription) -> [Value], _ text: (String, String) -> String) {
            let (ofA, ofB) = (values(a), values(b))
            guard ofA != ofB, !ofA.isEmpty, !ofB.isEmpty else { return }
            let words = [ofA, ofB].map { $0.map { "\($0)" }.joined(separator: ", ") }
            warnings.append(text(words[0], words[1]))
        }
        compare(\.clocks) { "the clocks differ: A's times are \($0), B's are \($1)" }
        compare(\.hosts) { "the machines differ: A is of \($0), B of \($1)" }
        compare(\.versions) { "the versions of epsim differ: A is by \($0), B by \($1)" }
        compare(\.seeds) { "the seeds differ (A \($0), B \($1)): weights, noise and synthetic tokens do too" }
        for (side, name) in [(a, "A"), (b, "B")] {
            warnings += side.doubts.map { "\(name): run \($0)" }
            if side.isOversubscribed {
                warnings.append("\(name): more busy processes than cores, so times show sharing as well as work")
            }
        }
        if areSame { warnings.append("A and B are the same") }
        return warnings
    }
}
