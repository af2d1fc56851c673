import Basics
internal import FoundationEssentials
import Reports

/// A run folder that was read.
struct FoundRun: Equatable, Sendable {
    /// Where it is, from the folder of the index on.
    let path: String
    /// What the index keeps of its report.
    let rows: ReportRows

    /// Id of the run.
    var id: String { rows.id }

    /// Reads the report of a folder.
    ///
    /// - Parameters:
    ///   - runFolder: the folder of a run.
    ///   - folder: the folder of the index, which is above it.
    init(_ runFolder: String, relativeTo folder: String) throws(RunStoreError) {
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        guard runFolder.hasPrefix(prefix), runFolder.utf8.count > prefix.utf8.count else {
            throw RunStoreError("'\(Printable.text(runFolder))' is not below '\(Printable.text(folder))'")
        }
        path = String(runFolder.dropFirst(prefix.count))
        rows = try Self.read("\(runFolder)/\(RunFolder.reportName)")
    }

    /// The most bytes that a report may have; beyond that it is none.
    static let maximumBytes = 1 << 30

    private static func read(_ file: String) throws(RunStoreError) -> ReportRows {
        let size = (try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int) ?? 0
        guard size <= maximumBytes else { throw RunStoreError("report.json has \(size) bytes; that is no report") }
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: file))
        } catch {
            throw RunStoreError("report.json cannot be read")
        }
        return try ReportRows(json: data)
    }
}
