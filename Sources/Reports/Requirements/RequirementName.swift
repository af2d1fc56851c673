/// The figures that a requirement may be about, by the names that users write.
public enum RequirementName: String, Codable, CaseIterable, Sendable {
    /// Mean over (step, layer) of max rank load / mean rank load.
    case imbalance
    /// Mean over (step, layer) of mean rank load / max rank load.
    case balancedness
    /// Mean over (step, layer) of the coefficient of variation of the experts' loads.
    case expertCV = "expert-cv"
    /// Mean over (step, layer) of max expert load / mean expert load - 1.
    case maxvio
    /// Copies dropped / copies asked for, 0 to 1.
    case droppedFraction = "dropped-fraction"
    /// Median over steps of tokens per second.
    case tokensPerSecond = "tokens-per-second"
    /// Communication time / time of a step.
    case communicationShare = "communication-share"
    /// Exposed communication time / time of a step, 0 to 1.
    case exposedShare = "exposed-share"
    /// Tokens whose outputs are wrong; known when the run was verified.
    case wrongTokens = "wrong-tokens"
    /// Median over steps of the seconds of a step.
    case stepSeconds = "step-seconds"

    /// The value in a report, or nil where the report has none.
    public func value(in report: Report) -> Double? {
        switch self {
        case .imbalance: report.load.rank.imbalance.mean
        case .balancedness: report.load.rank.balancedness.mean
        case .expertCV: report.load.expert.cv.mean
        case .maxvio: report.load.expert.maxvio.mean
        case .droppedFraction: report.load.dropped.fraction
        case .tokensPerSecond: report.tokensPerSecond.p50
        case .communicationShare: report.communication.totalShare
        case .exposedShare: report.communication.exposedShare
        case .wrongTokens: report.verification.wrongTokens.map(Double.init)
        case .stepSeconds: report.time.stepSeconds.p50
        }
    }
}
