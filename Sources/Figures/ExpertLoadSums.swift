public import Records

/// Routed copies of each expert of each layer, summed over steps: what a heat map shows.
public struct ExpertLoadSums: Equatable, Sendable {
    private var copies: [[Int]] = []
    private var steps = 0

    /// Nothing yet.
    public init() {}

    /// Adds a measured step; all steps have the same layers and experts.
    public mutating func add(_ step: StepRecord) {
        if copies.isEmpty { copies = step.layers.map { $0.expertCopies.map { _ in 0 } } }
        for (layer, record) in step.layers.enumerated() where layer < copies.count {
            for (expert, count) in record.expertCopies.enumerated() where expert < copies[layer].count {
                copies[layer][expert] += count
            }
        }
        steps += 1
    }

    /// Kept copies per step, `[layers][experts]`; empty without steps.
    public var means: [[Double]] {
        copies.map { $0.map { Double($0) / Double(max(steps, 1)) } }
    }
}
