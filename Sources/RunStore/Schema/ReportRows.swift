import Basics
import FoundationEssentials

/// What the index keeps of a `report.json`: the rows of each table of ``IndexTable/all``, without `path` and `run_id`.
///
/// Only the columns are decoded. That is several times as fast as a whole report, and a report of an earlier version,
/// which lacks figures that came later, has them as null.
struct ReportRows: Decodable, Equatable, Sendable {
    /// The versions of `report.json` that this can read.
    static let schemaVersion = 1

    /// The rows `[table][row][column]`.
    let tables: [[[IndexValue]]]

    /// Id of the run.
    var id: String { tables[0][0][0].text ?? "" }

    /// Reads the text of a `report.json`.
    ///
    /// - Throws: ``RunStoreError`` that says what is wrong with it.
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
