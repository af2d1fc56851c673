public import Figures

/// A run at one moment, in as few numbers as a person takes in: what the terminal shows, and what scripts can read.
///
/// Figures are over the last steps, `window_steps` of them; they are `null` while there are none. Keys in JSON are the
/// properties in snake case.
public struct LiveSummary: Codable, Equatable, Sendable {
    /// What is being run.
    public var run: LiveRun
    /// How far it is.
    public var stage: LiveStage
    /// Workers that are ready.
    public var workersReady: Int
    /// Warm-up steps that are still to come.
    public var warmupLeft: Int
    /// Measured steps so far.
    public var stepsDone: Int
    /// Seconds since the live view began, or until the run ended.
    public var elapsedSeconds: Double
    /// Seconds until the last step is done.
    @OrNull public var secondsLeft: Double?
    /// How many of the last steps the figures are over.
    public var windowSteps: Int
    /// Steps per second by the clock on the wall.
    @OrNull public var stepsPerSecond: Double?
    /// Tokens / seconds of the steps alone.
    @OrNull public var tokensPerSecond: Double?
    /// Max over ranks of routed copies / mean over ranks, mean over layers and steps.
    @OrNull public var rankImbalance: Double?
    /// Max over experts of routed copies / mean over experts, mean over layers and steps.
    @OrNull public var expertImbalance: Double?
    /// Seconds in flight of the busiest ranks / seconds of the steps.
    @OrNull public var communicationShare: Double?
    /// Seconds in flight while nobody computed / seconds of the steps.
    @OrNull public var exposedShare: Double?
    /// Copies dropped / copies asked for.
    @OrNull public var droppedFraction: Double?
    /// Every figure of the catalogue that follows from records, by its path, of a spread the mean.
    public var figures: [String: Double]?
    /// Routed copies per rank and step, `[ranks]`; empty without steps.
    public var rankCopies: [Double]
    /// Routed copies of each rank / mean over ranks, mean over layers and steps, `[ranks]`; empty without steps.
    public var rankLoads: [Double]
    /// The same, of the (step, layer) where it is most, `[ranks]`; empty without steps.
    public var rankPeaks: [Double]

    /// The summary of a state at a moment on its watch.
    public init(_ state: LiveState, at time: Double) {
        run = state.run
        stage = state.stage
        workersReady = state.workersReady
        warmupLeft = state.warmupLeft
        stepsDone = state.steps
        elapsedSeconds = state.endTime ?? time
        secondsLeft = state.secondsLeft
        let window = state.window
        windowSteps = window.entries.count
        stepsPerSecond = window.stepsPerSecond
        let sums = window.figures
        tokensPerSecond = Average.ratio(Double(sums.tokens), sums.seconds)
        rankImbalance = sums[.rankImbalance]
        expertImbalance = sums[.expertImbalance]
        communicationShare = sums[.communicationShare]
        exposedShare = sums[.exposedShare]
        droppedFraction = sums[.droppedFraction]
        let known = Figure.catalogue.compactMap { figure in sums[figure].map { (figure.path, $0) } }
        figures = Dictionary(uniqueKeysWithValues: known)
        rankCopies = window.rankCopies
        rankLoads = window.rankLoads
        rankPeaks = window.rankPeaks
    }
}

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
