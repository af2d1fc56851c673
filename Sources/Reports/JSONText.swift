import FoundationEssentials

/// Reports as JSON, all in one form.
public enum JSONText {
    /// Keys in snake case and sorted, two spaces of indentation, a line feed at the end.
    ///
    /// - Throws: ``ReportError`` when a number is infinite or not a number.
    public static func of(_ report: some Encodable) throws(ReportError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        do {
            return String(decoding: try encoder.encode(report), as: UTF8.self) + "\n"
        } catch {
            throw ReportError(.json, "the report cannot be written as JSON: \(error)")
        }
    }
}
