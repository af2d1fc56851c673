internal import Records

/// What the coordinator's own thread works, overlapped or not: processor seconds per step, summed over layers, mean over
/// steps.
public struct CoordinatorFigures: Codable, Equatable, Sendable {
    /// Norm, logits and routing.
    @OrNull public private(set) var gateSeconds: Double?
    /// Permuting tokens by rank and expert, and encoding them.
    @OrNull public private(set) var permuteSeconds: Double?
    /// Weighted sums of the outputs, and the residual.
    @OrNull public private(set) var combineSeconds: Double?
    /// Messages: handing them over, reading them, keeping the cluster's state.
    @OrNull public private(set) var messageSeconds: Double?
    /// The sum of the four.
    @OrNull public private(set) var totalSeconds: Double?
    /// `totalSeconds` / mean seconds of a step.
    @OrNull public private(set) var share: Double?

    /// The coordinator's work in recorded steps.
    init(_ steps: [StepRecord]) {
        let layers = steps.flatMap(\.layers)
        let count = Double(steps.count)
        func mean(_ part: (CoordinatorSeconds) -> Double) -> Double? {
            Average.ratio(layers.reduce(0) { $0 + part($1.coordinator) }, count)
        }
        gateSeconds = mean(\.gate)
        permuteSeconds = mean(\.permute)
        combineSeconds = mean(\.combine)
        messageSeconds = mean(\.messages)
        totalSeconds = mean(\.total)
        share = totalSeconds.flatMap { Average.ratio($0 * count, steps.reduce(0) { $0 + $1.seconds }) }
    }
}
