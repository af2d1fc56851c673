import Records

/// The phases as kinds of spans: one colour for each on every page.
enum PhaseKinds {
    /// In the order of the phases.
    static let all: [SpanChart.Kind] = Phase.allCases.map { phase in
        SpanChart.Kind(name: phase.rawValue, category: category(phase), isEmpty: phase == .wait)
    }

    /// The index of each phase among ``all``.
    static let index = Dictionary(uniqueKeysWithValues: Phase.allCases.enumerated().map { ($1, $0) })

    private static func category(_ phase: Phase) -> Category {
        switch phase {
        case .gate: .purple
        case .dispatch: .sky
        case .queue: .yellow
        case .compute: .green
        case .combine: .blue
        case .wait: .grey
        case .shared: .orange
        case .merge: .vermilion
        }
    }
}
