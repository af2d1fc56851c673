internal import Cluster
internal import Records
internal import Tensors

/// What one step gave.
struct StepResult: Sendable {
    /// Loads and times. Its index counts all steps, warm-up included.
    var record: StepRecord
    /// The same, moment by moment.
    var track: StepTrack
    /// Tokens before the first layer, `[tokens, hidden]`, where somebody wants them.
    let input: Matrix?
    /// Tokens after the last layer, `[tokens, hidden]`.
    let output: Matrix
    /// Each layer, or none when they were not kept.
    let keptLayers: [KeptLayer]
    /// The furthest that a worker's stamp had to move to stand between the coordinator's.
    let stampsMoved: Nanoseconds
}
