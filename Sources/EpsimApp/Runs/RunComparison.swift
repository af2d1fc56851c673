import Basics
import Foundation
import Pages
import Reports
public import RunStore
import Settings
import Sweeps

/// The command `epsim compare`: a comparison of runs, sets of runs or sweeps, from their names to the exit status.
public struct RunComparison {
    private let index: RunIndex
    private let confidence: Double?

    /// Create a comparison with intervals of the given confidence, 0 to 1, or of the usual one for nil.
    public init(index: RunIndex, confidence: Double?) {
        self.index = index
        self.confidence = confidence
    }

    /// Keys of settings that do not affect results.
    private static let unimportant: Set<String> = ["run.out"]

    /// One of the two sides of the comparison, with the configurations of its runs.
    private struct Side {
        let side: ComparisonSide
        /// The resolved configurations, values by key: one per run, or that of one point of a sweep.
        let configs: [[String: String]]
        /// The keys that a sweep varies; empty for runs.
        let varied: [String]
    }

    /// Compare two sides by their names, and show the differences.
    ///
    /// A name is the folder or the beginning of the id of a run, several of these with commas between, or a sweep
    /// folder.
    ///
    /// - Parameters:
    ///   - format: the form in which the comparison is printed; CSV has a row for each figure of each point.
    ///   - html: a file for the comparison as a page, or nil.
    /// - Throws: ``ExitStatus`` unless both can be read, and compared.
    public func show(_ a: String, _ b: String, as format: OutputFormat, html: String?) throws {
        let report: ComparisonReport = try reportingStoreErrors(as: .badConfiguration) { try self.report(a, b) }
        try reportingStoreErrors {
            if let html { try AtomicFile.write(ComparisonPage(report).html, to: html) }
            switch format {
            case .json: Console.print(try report.json())
            case .csv: Console.print(report.csv)
            case .table: Console.print(ComparisonText.render(report, width: Console.width))
            }
        }
    }

    private func report(_ a: String, _ b: String) throws -> ComparisonReport {
        let (first, second) = (try side(a), try side(b))
        let varied = Set(first.varied + second.varied)
        return try ComparisonReport(
            first.side,
            second.side,
            confidence: confidence,
            configDifferences: ConfigDifference.all(
                first.configs.first ?? [:],
                second.configs.first ?? [:],
                without: Self.unimportant.union(varied.isEmpty ? [] : varied.union(["run.seed"]))
            ),
            warnings: variety("A", first) + variety("B", second)
        )
    }

    /// A note on the settings in which the runs of a side differ; empty for repeats, which differ in their seeds only.
    private func variety(_ name: String, _ side: Side) -> [String] {
        guard let base = side.configs.first else { return [] }
        let without = Self.unimportant.union(["run.seed"])
        let keys = Set(side.configs.flatMap { ConfigDifference.all(base, $0, without: without) }.map(\.key))
        return keys.isEmpty
            ? [] : ["the runs of \(name) differ among themselves in \(keys.sorted().joined(separator: ", "))"]
    }

    private func side(_ text: String) throws -> Side {
        guard !isSweep(text) else { return try sweep(text) }
        let lookup = RunLookup(index: index)
        let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let folders = try names.map { try lookup.folder($0) }
        let side = try ComparisonSide(text, runs: folders.map { try RunFolder.report(in: $0) })
        return Side(side: side, configs: try folders.map(config), varied: [])
    }

    private func sweep(_ path: String) throws -> Side {
        let summary = try SweepSummary(folder: path)
        let point = summary.rows.first { $0.record.status != .failed }?.record.name
        var configs = try point.map { [try config("\(path)/points/\($0)")] } ?? []
        // What the first point does not read, another one may.
        for (place, key) in summary.keysOfSome.enumerated() where !configs.isEmpty && configs[0][key] == nil {
            configs[0][key] = summary.rows.lazy.compactMap { $0.set[place].text }.first
        }
        return Side(side: try ComparisonSide(path, sweep: summary), configs: configs, varied: summary.keys)
    }

    private func isSweep(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(path)/\(SweepSummary.fileName)")
    }

    /// Read the resolved configuration of the run in a folder, values by key.
    private func config(_ folder: String) throws -> [String: String] {
        let file = "\(folder)/\(RunFolder.configName)"
        do {
            return try ConfigurationText.values(of: String(contentsOfFile: file, encoding: .utf8), file: file)
        } catch let error as CocoaError {
            throw ReportError(.file, "'\(Printable.text(file))' cannot be read: \(error.localizedDescription)")
        } catch {
            throw ReportError(.file, "\(error)")
        }
    }
}
