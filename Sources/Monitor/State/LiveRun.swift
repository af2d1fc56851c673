/// The description of a run in its live view. Does not change while the run is under way.
public struct LiveRun: Codable, Equatable, Sendable {
    /// The run's id, which is the name of its folder.
    public var id: String
    /// The configuration file as the user named it.
    public var config: String
    /// The router and its settings, in one line.
    public var router: String
    /// Version of the program that runs it.
    public var epsimVersion: String
    /// Number of worker processes, R.
    public var ranks: Int
    /// MoE layers of the model.
    public var layers: Int
    /// Routed experts of a layer.
    public var experts: Int
    /// Measured steps that are asked for.
    public var steps: Int
    /// Steps before these, which are not measured.
    public var warmupSteps: Int
    /// What to know before believing its times, or nil.
    public var warning: String?

    /// A run.
    ///
    /// - Precondition: no number is negative.
    public init(
        id: String,
        config: String,
        router: String,
        epsimVersion: String,
        ranks: Int,
        layers: Int,
        experts: Int,
        steps: Int,
        warmupSteps: Int
    ) {
        precondition(min(ranks, layers, experts, steps, warmupSteps) >= 0, "counts are not negative")
        self.id = id
        self.config = config
        self.router = router
        self.epsimVersion = epsimVersion
        self.ranks = ranks
        self.layers = layers
        self.experts = experts
        self.steps = steps
        self.warmupSteps = warmupSteps
    }
}
