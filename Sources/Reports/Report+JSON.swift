public import Basics

extension Report {
    private struct Schema: Decodable {
        let schemaVersion: Int
    }

    /// The report as JSON: keys in snake case and sorted, two spaces of indentation, a line feed at the end.
    ///
    /// - Throws: ``JSONError`` when a number is infinite or not a number.
    public func json() throws(JSONError) -> String {
        try JSONText.of(self, called: "the report")
    }

    /// Reads back what ``json()`` wrote.
    ///
    /// - Throws: ``ReportError`` when it is no JSON, of another schema version, or lacks a key.
    public init(json: String) throws(ReportError) {
        let version: Int
        do {
            version = try JSONText.decode(Schema.self, from: json).schemaVersion
            if version == Self.schemaVersion {
                self = try JSONText.decode(from: json)
                return
            }
        } catch {
            throw ReportError(.json, "this is no report: it \(error)")
        }
        throw ReportError(.json, "a report of schema_version \(version); this version reads \(Self.schemaVersion)")
    }
}
