public import Basics
import Figures

/// The state of a run at one moment, in few figures: for the terminal, and for scripts.
///
/// Figures are over the last `window_steps` steps; they are `null` while there are none. Keys in JSON are the
/// properties in snake case.
public struct LiveSummary: Codable, Equatable, Sendable {
    /// The description of the run.
    public var run: LiveRun
    /// The progress of the run.
    public var stage: LiveStage
    /// The number of workers that are ready.
    public var workersReady: Int
    /// The number of warm-up steps that are still to come.
    public var warmupLeft: Int
    /// The number of measured steps so far.
    public var stepsDone: Int
    /// The seconds since the live view began, or until the run ended.
    public var elapsedSeconds: Double
    /// The seconds until the last step is done.
    @OrNull public var secondsLeft: Double?
    /// The number of last steps that the figures are over.
    public var windowSteps: Int
    /// Steps per second of wall-clock time.
    @OrNull public var stepsPerSecond: Double?
    /// Tokens / seconds of the steps alone, without the time between steps.
    @OrNull public var tokensPerSecond: Double?
    /// The imbalance of ranks: max over ranks of routed copies / mean over ranks, mean over layers and steps.
    @OrNull public var rankImbalance: Double?
    /// The imbalance of experts: max over experts of routed copies / mean over experts, mean over layers and steps.
    @OrNull public var expertImbalance: Double?
    /// The share of communication: seconds in flight of the busiest ranks / seconds of the steps.
    @OrNull public var communicationShare: Double?
    /// The share of exposed communication: seconds in flight while no rank computed / seconds of the steps.
    @OrNull public var exposedShare: Double?
    /// The share of dropped copies: copies dropped / copies asked for.
    @OrNull public var droppedFraction: Double?
    /// All figures of the catalogue that follow from records, by path; of a spread the mean.
    public var figures: [String: Double]?
    /// Routed copies per rank and step, `[ranks]`; empty without steps.
    public var rankCopies: [Double]
    /// Routed copies of each rank / mean over ranks, mean over layers and steps, `[ranks]`; empty without steps.
    public var rankLoads: [Double]
    /// The load of each rank as in ``rankLoads``, in the (step, layer) where it is largest, `[ranks]`; empty without
    /// steps.
    public var rankPeaks: [Double]

    /// Create the summary of a state at a time, in seconds on the clock of the state's updates.
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

/// The description of a run in its live view, which does not change while the run is under way.
public struct LiveRun: Codable, Equatable, Sendable {
    /// The id of the run, which is the name of its folder.
    public var id: String
    /// The path of the configuration file, as the user gave it.
    public var config: String
    /// The name of the router.
    public var router: String
    /// The version of the program.
    public var epsimVersion: String
    /// The number of worker processes, R.
    public var ranks: Int
    /// The number of MoE layers of the model.
    public var layers: Int
    /// The number of routed experts of a layer.
    public var experts: Int
    /// The number of measured steps that the run will have.
    public var steps: Int
    /// The number of warm-up steps, which come before the measured ones.
    public var warmupSteps: Int
    /// A warning about the times of the run (more busy processes than cores, say), or nil.
    public var warning: String?

    /// Create a description without a warning.
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
