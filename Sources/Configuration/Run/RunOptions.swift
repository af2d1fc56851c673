import Basics
public import CostModel

/// The section `run`: how long, with which seed, and where the results go.
public struct RunOptions: Equatable, Sendable {
    /// Measured steps.
    public var steps = 20
    /// Steps before the measured ones, which no figure counts.
    public var warmup = 2
    /// What all weights and random numbers follow from.
    public var seed: UInt64 = 1
    /// What is in flight at a time.
    public var overlap = OverlapMode.none
    /// The folder that receives one folder per run, absolute once resolved.
    public var out = "runs"
    /// Recomputes every token in one process and compares.
    public var verify = false

    /// The defaults.
    public init() {}
}

extension RunOptions {
    /// The options of the section.
    static let table = OptionTable<RunOptions>([
        Option("run.steps", \.steps, .integer(1...1_000_000), "Measured steps."),
        Option("run.warmup", \.warmup, .integer(0...1_000_000), "Steps before them, which no figure counts."),
        Option("run.seed", \.seed, .integer(0...UInt64.max), "All weights and random numbers follow from it."),
        Option(
            "run.overlap",
            \.overlap,
            .choice,
            "Whether two halves of each step are in flight, one communicating while the other computes; full is a bound for "
                + "predictions."
        ),
        Option("run.out", \.out, .path, "The folder that receives one folder per run."),
        Option("run.verify", \.verify, .boolean, "Recomputes every token in one process and compares."),
    ])
}
