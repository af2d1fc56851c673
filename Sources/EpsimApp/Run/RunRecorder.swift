import Basics
import Figures
import Pages
import Placement
import Records
import Reports
import RunStore
import Runtime

/// The recorder of a run's steps: it writes files in the run folder as the run goes on, so that a coordinator that is
/// killed leaves its measurements, and collects the data of the page.
final class RunRecorder {
    private let folder: RunFolder
    /// The placement in force.
    private var placement: Placement
    private let samples: StepTableWriter
    private let experts: StepTableWriter
    private let trace: TimelineWriter
    private var expertLoads = ExpertLoadSums()
    private var tracks = TrackKeeper()
    private var failure: (any Error)?

    /// Create the recorder and its files.
    ///
    /// - Parameters:
    ///   - placement: the placement of the experts of each layer.
    ///   - clock: the clock of the run's times, measured or modelled.
    init(_ folder: RunFolder, placement: Placement, clock: StepClock) throws {
        self.folder = folder
        self.placement = placement
        samples = try folder.samplesWriter()
        experts = try folder.expertsWriter(placement: placement)
        trace = try folder.timelineWriter(epsimVersion: EpsimVersion.current, clock: clock)
    }

    /// Add a measured step. A file that cannot be written does not end the run;
    /// ``keep(_:configuration:output:isIndexed:)`` throws the error.
    func update(_ event: SessionEvent) {
        if case .placed(let placement) = event {
            self.placement = placement
            folder.place(placement, in: experts)
        }
        guard case .measured(let step, let track) = event else { return }
        expertLoads.add(step)
        tracks.add(track)
        guard failure == nil else { return }
        do {
            try samples.append(step)
            try experts.append(step)
            try trace.append(track)
        } catch {
            failure = error
        }
    }

    /// Show the report and write it to the folder, with its page and its entry in the index.
    ///
    /// The report is shown before it is written, and written though it could not be shown: neither a full disk nor a
    /// closed terminal must cost the measurements.
    ///
    /// - Parameters:
    ///   - configuration: the resolved configuration, as YAML.
    ///   - isIndexed: false for a run of a sweep, which moves the run folder.
    func keep(_ report: Report, configuration: String, output: ReportOutput, isIndexed: Bool) throws {
        let shown = Result { try output.show(report) }
        try folder.write(report)
        try finish()
        try folder.writePage(page(report, configuration: configuration))
        if isIndexed { RunIndexing.add(folder) }
        try shown.get()
    }

    /// Complete the files of samples, experts and the trace under their final names, or throw the first error of
    /// writing any.
    private func finish() throws {
        if let failure { throw failure }
        try samples.finish()
        try experts.finish()
        try trace.finish()
    }

    private func page(_ report: Report, configuration: String) -> String {
        RunPage(
            report,
            expertLoads: expertLoads.means,
            placement: placement,
            medianStep: tracks.median,
            worstStep: tracks.worst,
            tracedSteps: trace.summary.stepsHeld,
            configuration: configuration
        ).html
    }
}

/// The indexing of a finished run.
enum RunIndexing {
    /// Add a run folder to the index of the folder that it is in. An error is printed in one line: the folder is the
    /// truth, and `epsim runs reindex` finds it.
    static func add(_ folder: RunFolder) {
        let parent = String(folder.path.dropLast(folder.id.description.count + 1))
        let isTop = folder.path.hasPrefix("/") && parent.isEmpty
        let (root, path) = folder.path.contains("/") ? (isTop ? "/" : parent, folder.path) : (".", "./\(folder.path)")
        do {
            try RunIndex(folder: root).add(path)
        } catch {
            Console.note("epsim: the run is not in the index: \(error)")
        }
    }
}
