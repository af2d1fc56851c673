import Basics
import Configuration
import CostModel
import Foundation
import Pages
import Records
import Reports
import Runtime
import Settings

/// A tour of all systems: a small run of each, one layer of each in full size predicted, and one page side by side.
public struct TourExecution {
    /// The options of a tour.
    public struct Options: Sendable {
        /// The hardware profile of the predictions.
        public var hardware = "H100-SXM"
        /// The ranks of each prediction.
        public var ranks = 8
        /// The measured steps of each run.
        public var steps = 5
        /// The folder of the page and of the runs.
        public var out = "tour"
        /// The form in which the stops are printed.
        public var format = OutputFormat.table

        /// Create the default options.
        public init() {}
    }

    /// Tokens of each rank in a predicted step.
    private static let tokensPerRank = 128

    private let options: Options

    /// Create a tour.
    public init(_ options: Options) { self.options = options }

    /// Run and predict all systems, and write the page.
    ///
    /// - Throws: ``ExitStatus`` unless all runs end well.
    public func run() throws {
        let environment = ProcessInfo.processInfo.environment
        let interrupt = Interrupt()
        interrupt.watch()
        let systems: [MoESystem]
        var predictions: LayerPredictions
        do {
            predictions = try LayerPredictions(options, environment: environment)
            systems = try ConfigurationLoader.systems(environment: environment).systems.filter(\.isRunnable)
            try Folder.makeAll("\(options.out)/runs")
        } catch {
            Console.note("epsim: \(error)")
            throw ExitStatus.badConfiguration
        }
        let line = StatusLine(isShown: options.format == .table)
        var stops: [TourStop] = []
        for (index, system) in systems.enumerated() {
            line.show("\(index + 1) of \(systems.count): \(system.title)")
            do {
                let report = try report(of: system, interrupt)
                let prediction = try predictions.predict(system, interrupt)
                stops.append(
                    TourStop(
                        name: system.name,
                        title: system.title,
                        year: system.year,
                        idea: system.idea,
                        report: report,
                        layerSeconds: prediction.seconds,
                        note: prediction.note
                    )
                )
            } catch {
                line.end()
                if interrupt.isRaised { throw ExitStatus.interrupted }
                Console.note("epsim: \(system.name): \(error)")
            }
        }
        line.end()
        try finish(stops, of: systems.count)
    }

    private func finish(_ stops: [TourStop], of count: Int) throws {
        let page = TourPage(
            stops,
            hardware: options.hardware,
            ranks: options.ranks,
            tokensPerRank: LayerPredictions.tokensPerRank
        )
        let path = "\(options.out)/tour.html"
        do {
            try AtomicFile.write(page.html, to: path)
        } catch {
            Console.note("epsim: \(error)")
            throw ExitStatus.failure
        }
        switch options.format {
        case .json: Console.print(try JSONText.of(stops))
        case .csv: Console.print(try ObjectCSV.text(stops, first: "name"))
        case .table: Console.print(table(stops))
        }
        let reasons = Dictionary(grouping: stops.filter { $0.note != nil }) { $0.note ?? "" }
        for (reason, stops) in reasons.sorted(by: { $0.key < $1.key }) {
            let words = "no prediction of \(stops.count) (\(reason)): \(WordList.all(stops.map(\.name)))"
            Console.note(LineWrap.lines(words, width: Console.width).joined(separator: "\n"))
        }
        Console.note("page: \(path)")
        if stops.count < count || stops.contains(where: { $0.status == .failed }) { throw ExitStatus.failure }
    }

    /// The report of a small run in a process of its own.
    private func report(of system: MoESystem, _ interrupt: Interrupt) throws -> Report {
        let run = try ChildRun(
            executable: try Executable.path(),
            arguments: [
                "--system", system.name, "--json", "--out", "\(options.out)/runs", "--steps", "\(options.steps)",
            ],
            interrupt: interrupt
        )
        if run.output.isEmpty, let failure = run.failure { throw RuntimeError.local("its run \(failure)") }
        return try Report(json: run.output)
    }

    private func table(_ stops: [TourStop]) -> String {
        let figures = TourFigure.all(
            hardware: options.hardware,
            ranks: options.ranks,
            tokensPerRank: LayerPredictions.tokensPerRank
        )
        var table = TextTable(
            columns: [.init("system", alignment: .left)] + figures.map { .init($0.heading, unit: $0.unit) }
        )
        for stop in stops { table.append([stop.name] + figures.map { $0.text(stop) }) }
        return table.lines(width: Console.width).joined(separator: "\n")
    }
}

/// The predictions of a tour: one layer of each system in full size, on one kind of hardware.
private struct LayerPredictions {
    /// Tokens of each rank in a predicted step.
    static let tokensPerRank = 128

    private let profile: HardwareProfile
    private let settings: [Override]
    private let environment: [String: String]
    private var catalogues = KnownCatalogues()

    /// Read the hardware profile.
    ///
    /// - Throws: `ConfigurationError` unless there is such hardware, and so many ranks can be.
    init(_ options: TourExecution.Options, environment: [String: String]) throws(ConfigurationError) {
        let ranks = Override(key: "cluster.workers", value: "\(options.ranks)", flag: "--ranks")
        try Layer(overrides: [ranks], directory: "/", table: RunPlan.table, root: RunPlan()).problems.throwIfAny()
        profile = try HardwareLoader.load(named: options.hardware, environment: environment)
        let others = [
            "model.layers": "1", "workload.kind": "synthetic", "workload.tokens_per_rank": "\(Self.tokensPerRank)",
            "hardware.profile": options.hardware, "run.steps": "1", "run.warmup": "0",
        ]
        settings = [ranks] + others.map { Override(key: $0.key, value: $0.value, flag: "tour") }
        self.environment = environment
    }

    /// The modelled seconds of one layer in full size, or why there are none.
    ///
    /// - Throws: `RuntimeError` when it is interrupted.
    mutating func predict(
        _ system: MoESystem,
        _ interrupt: Interrupt
    ) throws(RuntimeError) -> (seconds: Double?, note: String?) {
        guard system.preset != nil else { return (nil, "published sizes in no preset") }
        do {
            let resolved = try ConfigurationLoader.load(
                system: system,
                size: .published,
                overrides: settings,
                environment: environment,
                catalogues: &catalogues
            )
            let predictor = try Predictor(resolved.plan, profile: profile, interrupt: interrupt)
            return (try predictor.run(interrupt: interrupt).steps.first?.seconds, nil)
        } catch RuntimeError.interrupted {
            throw .interrupted
        } catch {
            return (nil, "\(error)")
        }
    }
}
