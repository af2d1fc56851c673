import Basics
internal import FoundationEssentials
import Reports

/// A run folder whose report was read for the index.
struct FoundRun: Equatable, Sendable {
    /// The path of the run folder, relative to the folder of the index.
    let path: String
    /// The rows of the index for the run, from its report.
    let rows: ReportRows

    /// Id of the run.
    var id: String { rows.id }

    /// Read the report of a folder.
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

    /// The limit on the size of a report, in bytes.
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

/// The rows of one `report.json` in each table of ``IndexTable/all``, without `path` and `run_id`.
///
/// Only the columns are decoded. That is several times as fast as a whole report, and a report of an earlier version,
/// which lacks figures that came later, has them as null.
struct ReportRows: Decodable, Equatable, Sendable {
    /// The version of `report.json` that can be read.
    static let schemaVersion = 1

    /// The values of the rows, `[table][row][column]`.
    let tables: [[[IndexValue]]]

    /// Id of the run.
    var id: String { tables[0][0][0].text ?? "" }

    /// Read the text of a `report.json`.
    ///
    /// - Throws: ``RunStoreError`` that says what is wrong with the text.
    init(json: Data) throws(RunStoreError) {
        do {
            self = try JSONDecoder().decode(ReportRows.self, from: json)
        } catch let error as RunStoreError {
            throw error
        } catch {
            throw RunStoreError("no report: it \(JSONError(error))")
        }
    }

    init(from decoder: any Decoder) throws {
        let root = JSONObject(try decoder.container(keyedBy: JSONKey.self))
        let version = try root.value(at: ["schema_version"], as: .integer, separator: nil)
        guard version == .integer(Int64(Self.schemaVersion)) else {
            let found = version == .null ? "none" : version.field
            throw RunStoreError("a report of schema_version \(found); this epsim reads \(Self.schemaVersion)")
        }
        tables = try IndexTable.all.map { table in
            guard let list = table.list else { return [try root.row(table.columns)] }
            return try root.elements(at: list[...]).map { try $0.row(table.columns) }
        }
    }
}

/// A folder that looks like a run folder and is not in the index.
public struct UnreadableFolder: Equatable, Sendable {
    /// The path of the folder.
    public let path: String
    /// The reason that the folder is not in the index, in one sentence.
    public let reason: String
}
