/// The description that `trace.json.gz` has of itself, under `otherData`.
public struct TimelineSummary: Codable, Equatable, Sendable {
    /// The run.
    public var runID: String
    /// Version of epsim.
    public var epsimVersion: String
    /// What the times are by.
    public var clock: ReportClock
    /// Steps in it, the first ones of the run.
    public var stepsHeld: Int
    /// Steps that were measured, or predicted.
    public var stepsMeasured: Int

    private enum CodingKeys: String, CodingKey {
        case runID = "runId"
        case epsimVersion, clock, stepsHeld, stepsMeasured
    }

    /// Of a timeline that has no steps yet.
    init(id: RunID, epsimVersion: String, clock: ReportClock) {
        runID = id.description
        self.epsimVersion = epsimVersion
        self.clock = clock
        stepsHeld = 0
        stepsMeasured = 0
    }
}
