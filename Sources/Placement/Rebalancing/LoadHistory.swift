/// The copies of each logical expert of one layer in past steps: those of the last ones, or a sum that decays.
struct LoadHistory: Sendable {
    /// Copies of each expert, the oldest step first, without steps that had none, `[steps][experts]`.
    private(set) var steps: [[Double]] = []
    private let window: Int
    private let decay: Double?

    init(_ rules: RebalanceRules) {
        window = max(1, rules.window)
        decay = rules.decay
    }

    mutating func add(_ copies: some Sequence<Int>) {
        let copies = copies.map { Double($0) }
        // A step without load says nothing of how it would spread.
        guard copies.contains(where: { $0 > 0 }) else { return }
        guard let decay else {
            steps.append(copies)
            if steps.count > window { steps.removeFirst() }
            return
        }
        guard let sum = steps.first else { return steps = [copies] }
        steps = [zip(sum, copies).map { decay * $0 + $1 }]
    }

    /// The mean imbalance that a placement gives the steps, replicas splitting evenly, or nil without any.
    func imbalance(on placement: LayerPlacement) -> Double? {
        let all = steps.compactMap { Imbalance.evenly($0, on: placement) }
        return all.isEmpty ? nil : all.reduce(0, +) / Double(all.count)
    }

    /// The mean copies of the busiest rank in a step, or 0 without any; of a sum that decays, in parts of a step.
    func busiest(on placement: LayerPlacement) -> Double {
        guard !steps.isEmpty else { return 0 }
        let sum = steps.reduce(0) { $0 + (placement.evenLoads($1).max() ?? 0) } / Double(steps.count)
        return sum * (decay.map { 1 - $0 } ?? 1)
    }
}
