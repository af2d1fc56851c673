public import Basics
public import FoundationEssentials
public import Placement
public import Records

/// The folder that a run leaves: `config.yaml`, `report.json`, `report.html`, `samples.csv`, `experts.csv` and
/// `trace.json.gz`.
///
/// The folder is the truth about a run. Each file is written to a temporary name, brought to disk and renamed, so a
/// file that is there is whole. Every method throws a `FileError` with the path and the system's
/// reason; those that are given a report or records also throw what is wrong with these.
public struct RunFolder: Equatable, Sendable {
    /// The id of the run.
    public let id: RunID
    /// The path of the folder: `<parent>/<id>`.
    public let path: String

    /// Make the folder `<parent>/<id>`, and its parent where that is missing.
    ///
    /// - Throws: `FileError` when a folder of this id is there already, or cannot be made.
    public static func create(parent: String, id: RunID) throws -> RunFolder {
        try Folder.makeAll(parent)
        let path = (parent.isEmpty || parent.hasSuffix("/") ? parent : parent + "/") + id.description
        try Folder.make(path)
        try Folder.flush(parent.isEmpty ? "." : parent)
        return RunFolder(id: id, path: path)
    }

    /// Write the resolved configuration as `config.yaml`.
    public func writeConfig(_ yaml: String) throws {
        try write(Self.configName, yaml)
    }

    /// Write `report.json`; a later call replaces the file.
    public func write(_ report: Report) throws {
        let json = try report.json()
        try write(Self.reportName, json)
    }

    /// Write the HTML page of the run as `report.html`; a later call replaces the file.
    public func writePage(_ html: String) throws {
        try write("report.html", html)
    }

    /// Begin `samples.csv` for a run that adds its steps one by one: until ``StepTableWriter/finish()`` it is
    /// `samples.csv.partial`, which outlives a process that is killed.
    public func samplesWriter() throws -> StepTableWriter {
        let table = SamplesTable(id: id)
        return try StepTableWriter(folder: path, name: "samples.csv", header: SamplesTable.header) { layer, step in
            table.rows(layer, step: step)
        }
    }

    /// Begin `experts.csv` for a run that adds its steps one by one: until ``StepTableWriter/finish()`` it is
    /// `experts.csv.partial`, which outlives a process that is killed.
    ///
    /// - Parameter placement: the placement of the experts of each layer.
    public func expertsWriter(placement: Placement) throws -> StepTableWriter {
        let table = ExpertsTable(id: id, placement: placement)
        return try StepTableWriter(folder: path, name: "experts.csv", header: ExpertsTable.header) { layer, step in
            try table.rows(layer, step: step)
        }
    }

    /// Let a writer of ``expertsWriter(placement:)`` go on with another placement, after experts have moved.
    public func place(_ placement: Placement, in writer: StepTableWriter) {
        let table = ExpertsTable(id: id, placement: placement)
        writer.rows = { layer, step in try table.rows(layer, step: step) }
    }

    /// Begin `trace.json.gz`, the timeline of a run that adds its steps one by one; see ``TimelineWriter``.
    ///
    /// - Parameters:
    ///   - epsimVersion: the version of epsim.
    ///   - clock: the clock of the times of the run.
    public func timelineWriter(epsimVersion: String, clock: StepClock) throws -> TimelineWriter {
        try TimelineWriter(folder: path, summary: TimelineSummary(id: id, epsimVersion: epsimVersion, clock: clock))
    }

    private func write(_ name: String, _ text: String) throws {
        try AtomicFile.write(text, to: path + "/" + name)
    }
}

extension RunFolder {
    /// The name of the file with the report.
    public static let reportName = "report.json"
    /// The name of the file with the resolved configuration.
    public static let configName = "config.yaml"

    /// The text of the report in the folder at `path`.
    ///
    /// - Throws: ``ReportError`` when the report cannot be read.
    public static func reportText(in path: String) throws(ReportError) -> String {
        let file = "\(path)/\(reportName)"
        let shown = Printable.text(file)
        var isFolder = false
        guard FileManager.default.fileExists(atPath: file, isDirectory: &isFolder), !isFolder else {
            throw ReportError(.file, "'\(shown)' cannot be read: \(isFolder ? "it is a folder" : "it is not there")")
        }
        guard let data = FileManager.default.contents(atPath: file) else {
            throw ReportError(.file, FileError("read", file).description)
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw ReportError(.file, "'\(shown)' cannot be read: it is not UTF-8 text")
        }
        return text
    }

    /// The report in the folder at `path`.
    ///
    /// - Throws: ``ReportError`` that names the file, when the file cannot be read or is no report.
    public static func report(in path: String) throws(ReportError) -> Report {
        let text = try reportText(in: path)
        do {
            return try Report(json: text)
        } catch {
            throw ReportError(error.code, "'\(Printable.text("\(path)/\(reportName)"))': \(error)")
        }
    }
}

/// The rows of `experts.csv`, one per (step, layer, expert).
///
/// | column | meaning |
/// |---|---|
/// | run_id | the run |
/// | step, layer | counted from 0, warm-up not counted |
/// | expert | the logical expert of the layer |
/// | rank | the rank that holds it; of a replicated expert all of them, as in `0+3` |
/// | copies | routed copies that it computed |
/// | dropped | copies that it would have had but for its capacity |
/// | importance | sum of the gate weights given to it, before any drop |
public struct ExpertsTable: Sendable {
    /// The header row of `experts.csv`.
    public static let header = "run_id,step,layer,expert,rank,copies,dropped,importance"

    private let id: RunID
    /// The ranks of each expert as the table shows them, `[layers][experts]`.
    private let ranks: [[String]]

    /// Create the table of one run and its placement.
    ///
    /// - Parameters:
    ///   - id: the run.
    ///   - placement: the placement of the experts of each layer.
    public init(id: RunID, placement: Placement) {
        self.id = id
        ranks = placement.layers.map { layer in
            (0..<layer.experts).map { layer.ranks(ofExpert: $0).map(String.init).joined(separator: "+") }
        }
    }

    /// The rows of one (step, layer), each ended by a line feed.
    ///
    /// - Throws: ``ReportError`` when the placement, the drops or the importance do not cover the layer's experts.
    public func rows(_ layer: LayerRecord, step: StepRecord) throws(ReportError) -> String {
        let ranks = self.ranks.indices.contains(layer.layer) ? self.ranks[layer.layer] : []
        let experts = layer.expertCopies.count
        guard ranks.count + layer.identityExperts == experts, layer.expertDropped.count == experts,
            layer.importance.count == experts
        else {
            throw ReportError(
                .record,
                "step \(step.step), layer \(layer.layer): copies of \(experts) experts, but drops of "
                    + "\(layer.expertDropped.count), importance of \(layer.importance.count) and a placement of "
                    + "\(ranks.count) beside \(layer.identityExperts) identity experts; they must be equally many"
            )
        }
        var text = ""
        for expert in 0..<experts {
            // An identity expert is on no rank.
            let rank = expert < ranks.count ? ranks[expert] : ""
            text += "\(id),\(step.step),\(layer.layer),\(expert),\(rank),\(layer.expertCopies[expert]),"
            text += "\(layer.expertDropped[expert]),\(layer.importance[expert])\n"
        }
        return text
    }
}

/// The name of a run and of its folder: the UTC second at which it began and a short suffix that tells apart runs of
/// the same second, for example `20250131T120000Z-3fa9c1`.
public struct RunID: Equatable, Hashable, Sendable, CustomStringConvertible {
    /// The limit on the length of a run id, in characters.
    public static let maximumLength = 100

    /// The id as text.
    public let description: String

    /// An id from a text, for example one read back from a report.
    ///
    /// - Throws: ``ReportError`` unless it has 1 to ``maximumLength`` ASCII letters, digits, `-`, `_` or `.` and does
    ///   not begin with `.`: it names a folder and stands unquoted in CSV files.
    public init(_ text: String) throws(ReportError) {
        let allowed = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == 0x2D || byte == 0x5F || byte == 0x2E
        }
        guard allowed, (1...Self.maximumLength).contains(text.utf8.count), !text.hasPrefix(".") else {
            throw ReportError(
                .file,
                "run id '\(Printable.text(text))' cannot name a folder: allowed are 1 to \(Self.maximumLength) "
                    + "letters, digits, '-', '_' and '.', not beginning with '.'"
            )
        }
        description = text
    }

    /// The id of a run that began at `start`.
    ///
    /// - Throws: ``ReportError`` when `suffix` holds anything but letters, digits, `-`, `_` and `.`.
    public init(start: Date, suffix: String) throws(ReportError) {
        try self.init("\(start.formatted(Self.style))-\(suffix)")
    }

    /// The id of a run that began at `start`, with a random suffix.
    public static func unique(start: Date) throws(ReportError) -> RunID {
        try RunID(start: start, suffix: Hexadecimal.random())
    }

    private static let style = Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted)
}
