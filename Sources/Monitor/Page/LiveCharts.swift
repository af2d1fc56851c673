import Basics
import Figures
internal import Pages
public import Placement
import Records
public import Reports

/// The charts on the page of a run under way: its progress, and the charts of its report over the last steps.
public struct LiveCharts: Sendable {
    private let description: RunDescription
    private let placement: Placement

    /// Create the charts of a run.
    ///
    /// - Parameters:
    ///   - description: the description of the run.
    ///   - placement: the placement of the experts of each layer at the start.
    public init(_ description: RunDescription, placement: Placement) {
        self.description = description
        self.placement = placement
    }

    /// The charts of a state, as a fragment of HTML.
    public func html(_ state: LiveState, _ summary: LiveSummary) -> String {
        (progress(summary) + charts(state)).source
    }

    private func progress(_ summary: LiveSummary) -> Markup {
        let rate = summary.stepsPerSecond.map { FixedPoint.text($0, decimals: 2) } ?? "-"
        return Card.row([
            Card(
                "step",
                value: "\(summary.stepsDone) of \(summary.run.steps)",
                detail: "\(rate) steps/s by the clock on the wall"
            ),
            Card(
                "time left",
                value: summary.secondsLeft.map(DurationText.of) ?? "-",
                detail: "by the rate of the last steps"
            ),
            Card(
                "workers",
                value: "\(summary.workersReady) of \(summary.run.ranks)",
                detail: "ready",
                tone: summary.workersReady < summary.run.ranks ? .doubtful : .plain
            ),
        ])
    }

    private func charts(_ state: LiveState) -> Markup {
        let records = state.window.records
        guard !records.isEmpty else { return .empty }
        let words = "Figures and charts are over the last \(Counted.text(records.count, "step"))."
        var loads = ExpertLoadSums()
        for record in records { loads.add(record) }
        do {
            let report = try Report(description: description, steps: records, end: .interrupted("under way"))
            let page = RunPage(
                report,
                expertLoads: loads.means,
                placement: state.placement ?? placement,
                configuration: ""
            )
            return .element("p", ["class": "intro"], words) + page.fragment
        } catch {
            return .element("p", ["class": "intro"], "The steps cannot be shown: \(error)")
        }
    }
}
