import Basics
public import Charts
public import Placement
public import Records
import MoE
public import Reports

/// The page of a run, live or predicted: `report.html`.
///
/// One file that needs nothing else. It says the same figures as `report.json`; each chart has its numbers in a table.
public struct RunPage: Sendable {
    let report: Report
    let expertLoads: [[Double]]
    let placement: Placement
    let medianStep: StepTrack?
    let worstStep: StepTrack?
    private let tracedSteps: Int?
    private let configuration: String

    /// - Parameters:
    ///   - expertLoads: kept copies per step, `[layers][experts]`; see ``Reports/ExpertLoadSums``.
    ///   - placement: where the experts of each layer are.
    ///   - medianStep: a step that took about the median time.
    ///   - worstStep: the step that took longest.
    ///   - tracedSteps: how many steps the trace beside the page holds, or nil when there is none.
    ///   - configuration: the resolved configuration, as YAML.
    public init(
        _ report: Report,
        expertLoads: [[Double]],
        placement: Placement,
        medianStep: StepTrack? = nil,
        worstStep: StepTrack? = nil,
        tracedSteps: Int? = nil,
        configuration: String
    ) {
        self.report = report
        self.expertLoads = expertLoads
        self.placement = placement
        self.medianStep = medianStep
        self.worstStep = worstStep
        self.tracedSteps = tracedSteps
        self.configuration = configuration
    }

    /// The page.
    public var html: String {
        let run = report.run
        let model = "\(run.model.layers) layers × \(run.model.experts) experts on \(report.workers) ranks"
        return Page(
            title: "\(run.configName): \(model)",
            subtitle: "run \(run.id), \(run.startedAt), epsim \(run.epsimVersion), \(report.clock.rawValue) clock",
            content: [verdict(isOver: true), cards] + sections
        ).html
    }

    /// What a run that is under way shows: the verdict so far, the figures and the charts, without the page around them.
    public var fragment: Markup {
        Markup([verdict(isOver: false), Card.row(loadCards + timeCards)] + chartSections)
    }

    private var sections: [Markup] {
        guard report.steps > 0 else { return [origin] }
        return chartSections + [PageSection("Steps in detail", ganttIntroduction, ganttCharts).markup, origin]
    }

    private var chartSections: [Markup] {
        [
            PageSection("Load", "Routed copies that were kept: what the gate asks of ranks and experts.", loadCharts)
                .markup,
            PageSection("Time", timeIntroduction, timeCharts).markup,
            PageSection("Communication", "", [trafficChart].compactMap(\.self)).markup,
            PageSection("Over the steps", "", stepCharts).markup,
            PageSection("Experts by load", "", expertCharts).markup,
        ]
    }

    private var timeIntroduction: String {
        switch report.clock {
        case .measured: "Wall time of real processes."
        case .modelled: "Modelled time of the MoE layers alone: attention and all else are not in it."
        }
    }

    private var ganttIntroduction: String {
        let trace = tracedSteps.map { steps in
            " trace.json.gz beside this page holds \(steps == report.steps ? "" : "the first \(steps) of ")"
                + "\(Counted.text(report.steps, "step")) in full; open it at ui.perfetto.dev."
        }
        return "What each rank did, moment by moment." + (trace ?? "")
    }

    private var origin: Markup {
        let entries = report.run.entries.flatMap { entry in
            [Markup.element("dt", [:], entry.key), Markup.element("dd", [:], entry.value)]
        }
        let command = report.clock == .measured ? "run" : "predict"
        return .element(
            "section",
            [:],
            [
                .element("h2", [:], "What was run"), .element("dl", [:], entries), figureTable,
                .element("p", [:], "To do it again, with the same routing to the bit, in the folder of this page:"),
                .element("pre", [:], "epsim \(command) config.yaml"),
                .element(
                    "details",
                    [:],
                    [.element("summary", [:], "config.yaml"), .element("pre", [:], configuration)]
                ),
            ]
        )
    }
}
