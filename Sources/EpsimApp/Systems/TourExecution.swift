import Basics
import Cluster
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
        /// The names of the systems, or none for all.
        public var systems: [String] = []
        /// The hardware profile of the predictions.
        public var hardware = "H100-SXM"
        /// The ranks of each prediction; a system with fewer experts is predicted on as many ranks as experts.
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
            systems = try chosen(of: ConfigurationLoader.systems(environment: environment))
            try Folder.makeAll("\(options.out)/runs")
        } catch {
            Console.note("epsim: \(error)")
            throw ExitStatus.badConfiguration
        }
        let line = StatusLine(isShown: options.format == .table)
        var stops: [TourStop] = []
        var failed: [String] = []
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
                        prediction: prediction
                    )
                )
            } catch {
                line.end()
                if interrupt.isRaised { throw ExitStatus.interrupted }
                Console.note("epsim: \(system.name): \(error)")
                failed.append(system.name)
            }
        }
        line.end()
        try finish(stops, failed: failed)
    }

    /// The systems that were named, or all that epsim runs, in the order of the catalogue.
    private func chosen(of catalogue: SystemCatalogue) throws(ConfigurationError) -> [MoESystem] {
        guard !options.systems.isEmpty else { return catalogue.systems.filter(\.isRunnable) }
        var names: Set<String> = []
        for name in options.systems {
            let system = try catalogue.system(named: name, location: "tour")
            try system.checkRunnable(location: "tour")
            names.insert(system.name)
        }
        return catalogue.systems.filter { names.contains($0.name) }
    }

    private var predicted: TourFigure.Circumstances {
        TourFigure.Circumstances(
            hardware: options.hardware,
            ranks: options.ranks,
            tokensPerRank: MoESystem.tokensPerRank
        )
    }

    private func finish(_ stops: [TourStop], failed: [String]) throws {
        let page = TourPage(stops, failed: failed, predicted)
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
        if !failed.isEmpty || stops.contains(where: { $0.status == .failed }) { throw ExitStatus.failure }
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
        let figures = TourFigure.all(predicted)
        var table = TextTable(
            columns: [.init("system", alignment: .left)] + figures.map { .init($0.heading, unit: $0.unit) }
        )
        for stop in stops { table.append([stop.name] + figures.map { $0.text(stop) }) }
        return table.lines(width: Console.width).joined(separator: "\n")
    }
}

/// The predictions of a tour: one layer of each system in full size, on one kind of hardware.
private struct LayerPredictions {
    private let profile: HardwareProfile
    private let ranks: Int
    private let settings: [Override]
    private let environment: [String: String]
    private var catalogues = KnownCatalogues()

    /// Read the hardware profile.
    ///
    /// - Throws: `ConfigurationError` unless there is such hardware, and so many ranks can be.
    init(_ options: TourExecution.Options, environment: [String: String]) throws(ConfigurationError) {
        ranks = options.ranks
        try Layer(overrides: [Self.ranks(ranks)], directory: "/", table: RunPlan.table, root: RunPlan()).problems
            .throwIfAny()
        profile = try HardwareLoader.load(named: options.hardware, environment: environment)
        let others = ["model.layers": "1", "hardware.profile": options.hardware]
        settings = others.map { Override(key: $0.key, value: $0.value, flag: "tour") }
        self.environment = environment
    }

    /// The prediction of one layer in full size, or why there is none.
    ///
    /// - Throws: `RuntimeError` when it is interrupted.
    mutating func predict(_ system: MoESystem, _ interrupt: Interrupt) throws(RuntimeError) -> TourStop.Prediction {
        guard system.preset != nil else { return .none("published sizes in no preset") }
        do {
            let experts = try plan(of: system, settings).model.experts
            let plan = try plan(of: system, [Self.ranks(min(ranks, experts))] + settings)
            let predictor = try Predictor(plan, profile: profile, interrupt: interrupt)
            guard let step = try predictor.run(interrupt: interrupt).steps.first else { return .none("no step") }
            return .step(step, ranks: plan.cluster.workers)
        } catch RuntimeError.interrupted {
            throw .interrupted
        } catch {
            return .none("\(error)")
        }
    }

    private static func ranks(_ count: Int) -> Override {
        Override(key: "cluster.workers", value: "\(count)", flag: "--ranks")
    }

    private mutating func plan(of system: MoESystem, _ overrides: [Override]) throws(ConfigurationError) -> RunPlan {
        try ConfigurationLoader.load(
            system: system,
            size: .published,
            overrides: overrides,
            environment: environment,
            catalogues: &catalogues
        ).plan
    }
}
