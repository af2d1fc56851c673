/// The figures of one run of a sweep, taken from its report.
public struct PointFigures: Codable, Equatable, Sendable {
    /// Median seconds of a step.
    @OrNull public var stepSecondsP50: Double?
    /// Mean seconds of a step.
    @OrNull public var stepSecondsMean: Double?
    /// 90th percentile of the seconds of a step.
    @OrNull public var stepSecondsP90: Double?
    /// Median over steps of tokens / seconds.
    @OrNull public var tokensPerSecond: Double?
    /// Max over ranks / mean over ranks of routed copies, mean over (step, layer).
    @OrNull public var imbalance: Double?
    /// Mean over ranks / max over ranks of routed copies, mean over (step, layer).
    @OrNull public var balancedness: Double?
    /// Max over experts / mean over experts of routed copies - 1, mean over (step, layer).
    @OrNull public var maxvio: Double?
    /// The same over the last tenth of the steps; nil where the router does not learn.
    @OrNull public var maxvioEnd: Double?
    /// The first balance loss that the router reports, without its coefficient, mean over (step, layer).
    @OrNull public var balanceLoss: Double?
    /// Exposed communication / mean seconds of a step.
    @OrNull public var exposedShare: Double?
    /// Seconds of communication per step, overlapped or not.
    @OrNull public var communicationSeconds: Double?
    /// Routed copies dropped / asked for.
    @OrNull public var droppedShare: Double?
    /// Processes that compute, on the host where they are most against its cores; nil where nothing is measured.
    @OrNull public var busyProcesses: Int?
    /// Cores of that host.
    @OrNull public var cores: Int?

    /// True where more processes computed than there are cores: measured times then show sharing as well as work.
    public var isOversubscribed: Bool { (busyProcesses ?? 0) > (cores ?? .max) }

    /// No figures.
    public init() {}

    /// The figures of a run.
    public init(_ report: Report) {
        stepSecondsP50 = report.time.stepSeconds.p50
        stepSecondsMean = report.time.stepSeconds.mean
        stepSecondsP90 = report.time.stepSeconds.p90
        tokensPerSecond = report.tokensPerSecond.p50
        imbalance = report.load.rank.imbalance.mean
        balancedness = report.load.rank.balancedness.mean
        maxvio = report.load.expert.maxvio.mean
        balanceLoss = report.load.losses.first?.value.mean
        exposedShare = report.communication.exposedShare
        communicationSeconds = report.communication.totalSeconds
        droppedShare = report.load.dropped.fraction
        if report.run.routerLearns {
            maxvioEnd = Average.of(report.perStep.suffix(max(1, report.perStep.count / 10)).compactMap(\.maxvio))
        }
        guard report.clock == .measured else { return }
        let fullest = report.run.hosts.max { $0.busyProcesses * $1.cores < $1.busyProcesses * $0.cores }
        busyProcesses = fullest?.busyProcesses
        cores = fullest?.cores
    }
}
