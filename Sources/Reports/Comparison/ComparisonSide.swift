public import Basics

/// One side of a comparison: runs of one configuration, or a sweep.
public struct ComparisonSide: Sendable {
    /// The runs or the sweep of a side.
    enum Content: Sendable {
        /// Runs of one configuration, each a repeat.
        case runs([Report])
        /// Runs of a sweep.
        case sweep([SweepRow])
    }

    /// The name that the user gave the side.
    public let name: String
    let content: Content

    /// A side with runs of one configuration.
    ///
    /// - Throws: ``ReportError`` when there are none, one is there twice, or some were measured and others predicted: no
    ///   mean over both has a meaning.
    public init(_ name: String, runs: [Report]) throws(ReportError) {
        guard !runs.isEmpty else { throw ReportError(.record, "'\(Printable.text(name))' has no run") }
        var ids: Set<String> = []
        for run in runs where !ids.insert(run.run.id).inserted {
            throw ReportError(.record, "run \(Printable.text(run.run.id)) is in '\(Printable.text(name))' twice")
        }
        let clocks = StepClock.allCases.map { clock in (clock, runs.filter { $0.clock == clock }.map(\.run.id)) }
        guard clocks.count(where: { !$0.1.isEmpty }) == 1 else {
            let found = clocks.map { "\(WordList.all($1.map(Printable.text))) of the \($0.rawValue) clock" }
            throw ReportError(
                .record,
                "'\(Printable.text(name))': found \(found.joined(separator: ", and ")), allowed: runs of one clock on a side"
            )
        }
        self.name = name
        content = .runs(runs)
    }

    /// A side with a sweep.
    ///
    /// - Throws: ``ReportError`` when the sweep has no run that ended.
    public init(_ name: String, sweep: SweepSummary) throws(ReportError) {
        let rows = sweep.rows.filter { $0.record.status != .failed }
        guard !rows.isEmpty else { throw ReportError(.record, "'\(Printable.text(name))' has no run that ended") }
        self.name = name
        content = .sweep(rows)
    }

    /// The runs of the side; empty for a sweep.
    var reports: [Report] { if case .runs(let reports) = content { reports } else { [] } }

    /// The runs of the sweep; empty for runs of one configuration.
    var rows: [SweepRow] { if case .sweep(let rows) = content { rows } else { [] } }

    /// The description of the side for the report.
    var description: SideDescription {
        switch content {
        case .runs(let reports): SideDescription(name, reports)
        case .sweep(let rows): SideDescription(name, rows)
        }
    }
}

/// One side of a comparison as the report of the comparison shows it: name, runs, clocks, seeds, machines, doubts.
public struct SideDescription: Codable, Equatable, Sendable {
    /// The name that the user gave the side.
    public let name: String
    /// True where the side is a sweep.
    public let isSweep: Bool
    /// Ids of the runs, or names of a sweep's runs.
    public let runs: [String]
    /// The clocks (measured, modelled) of the runs' times, each listed once.
    public let clocks: [StepClock]
    /// The seeds of the runs, each once, ascending.
    public let seeds: [UInt64]
    /// The machines of the runs, or the profiles that they were predicted for, each once; empty for a sweep.
    public let hosts: [String]
    /// The versions of epsim that made the runs, each once; empty for a sweep.
    public let versions: [String]
    /// The runs that are not valid, each with its reasons in one line.
    public let doubts: [String]
    /// True where, in some run, more processes computed than the machine has cores.
    public let isOversubscribed: Bool

    init(_ name: String, _ reports: [Report]) {
        self.name = name
        isSweep = false
        runs = reports.map(\.run.id)
        clocks = Self.unique(reports.map(\.clock))
        seeds = Set(reports.map(\.seed)).sorted()
        hosts = Self.unique(reports.flatMap { $0.run.hardware.map { [$0.profile] } ?? $0.run.hosts.map(\.name) })
        versions = Self.unique(reports.map(\.run.epsimVersion))
        doubts = reports.compactMap { Self.doubt($0.run.id, $0.status, $0.reasons) }
        isOversubscribed = reports.contains { PointFigures($0).isOversubscribed }
    }

    init(_ name: String, _ rows: [SweepRow]) {
        self.name = name
        isSweep = true
        let records = rows.map(\.record)
        runs = records.map(\.name.description)
        clocks = Self.unique(records.map(\.clock))
        seeds = Set(records.map(\.seed)).sorted()
        hosts = []
        versions = []
        doubts = records.compactMap { Self.doubt("\($0.name)", $0.status, $0.reasons) }
        isOversubscribed = records.contains { $0.figures.isOversubscribed }
    }

    private static func doubt(_ run: String, _ status: RunStatus, _ reasons: [String]) -> String? {
        status == .valid ? nil : "\(run) is \(status.rawValue.uppercased()): \(reasons.joined(separator: "; "))"
    }

    private static func unique<Value: Hashable>(_ values: [Value]) -> [Value] {
        var known: Set<Value> = []
        return values.filter { known.insert($0).inserted }
    }
}
