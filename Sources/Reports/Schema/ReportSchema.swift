/// The JSON Schema of `report.json` (draft 2020-12, json-schema.org/draft/2020-12/schema).
///
/// It follows from ``Report`` and the types in it, so it says what is written. Within one ``Report/schemaVersion``, keys
/// are only added: a reader must not mind keys that it does not know.
public enum ReportSchema {
    /// The schema as JSON text, keys sorted, a line feed at the end.
    ///
    /// - Throws: ``ReportError`` when a type of the report decodes in a way that no schema follows from.
    public static func json() throws -> String {
        try SchemaText(root: root()).json(
            id: "urn:epsim:schema:report:\(Report.schemaVersion)",
            title: "epsim report",
            description:
                "The report of a run: report.json of its folder. Keys are only added within one schema_version."
        )
    }

    /// What a report is, described.
    static func root() throws(ReportError) -> SchemaNode {
        do {
            var node = try SchemaProbe.read(Report.self).node
            describe(&node, path: [], owner: nil)
            return node
        } catch let error as ReportError {
            throw error
        } catch {
            throw ReportError(.json, "no schema follows from the report: \(error)")
        }
    }

    /// Adds descriptions: of figures by their path, of all else by the type that has the key.
    private static func describe(_ node: inout SchemaNode, path: [String], owner: String?) {
        if let key = path.last, let owner {
            node.description =
                FigureDefinitions.byPath[path.joined(separator: ".")] ?? SchemaDescriptions.byKey["\(owner).\(key)"]
        }
        switch node.form {
        case .object(var object):
            for key in object.properties.keys.sorted() {
                guard var property = object.properties[key] else { continue }
                describe(&property.node, path: path + [key], owner: object.name)
                object.properties[key] = property
            }
            node.form = .object(object)
        case .list(var items):
            describe(&items, path: path, owner: nil)
            node.form = .list(items)
        case .boolean, .number, .integer, .text, .oneOf, .map:
            break
        }
    }
}
