import Basics

/// One side of a comparison: the points that it has, and what was run.
public struct ComparisonSide: Sendable {
    /// What was compared.
    enum Content: Sendable {
        /// Runs of one configuration, each a repeat.
        case runs([Report])
        /// Runs of a sweep.
        case sweep([SweepRow])
    }

    /// What the user called it.
    public let name: String
    let content: Content

    /// Runs of one configuration.
    ///
    /// - Throws: ``ReportError`` when there are none, or one is there twice.
    public init(_ name: String, runs: [Report]) throws(ReportError) {
        guard !runs.isEmpty else { throw ReportError(.record, "'\(Printable.text(name))' has no run") }
        var ids: Set<String> = []
        for run in runs where !ids.insert(run.run.id).inserted {
            throw ReportError(.record, "run \(Printable.text(run.run.id)) is in '\(Printable.text(name))' twice")
        }
        self.name = name
        content = .runs(runs)
    }

    /// A sweep.
    ///
    /// - Throws: ``ReportError`` when it has no run that ended.
    public init(_ name: String, sweep: SweepSummary) throws(ReportError) {
        let rows = sweep.rows.filter { $0.record.status != .failed }
        guard !rows.isEmpty else { throw ReportError(.record, "'\(Printable.text(name))' has no run that ended") }
        self.name = name
        content = .sweep(rows)
    }

    /// The runs, where it is no sweep.
    var reports: [Report] { if case .runs(let reports) = content { reports } else { [] } }

    /// The runs of the sweep.
    var rows: [SweepRow] { if case .sweep(let rows) = content { rows } else { [] } }

    /// What was run, for the reader.
    var description: SideDescription {
        switch content {
        case .runs(let reports): SideDescription(name, reports)
        case .sweep(let rows): SideDescription(name, rows)
        }
    }
}
