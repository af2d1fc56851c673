import Figures

/// The JSON Schema of `report.json` (draft 2020-12, json-schema.org/draft/2020-12/schema).
///
/// It follows from ``Report`` and the types in it, so it says what is written. Within one ``Report/schemaVersion``,
/// keys are only added: a reader must not mind keys that it does not know.
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

    /// The meaning of each key of a report, by the path of the key; an element of a list adds no number to the path.
    public static let meanings: [String: String] = {
        var meanings: [String: String] = [:]
        func collect(_ node: SchemaNode, _ path: [String]) {
            if let description = node.description { meanings[path.joined(separator: ".")] = description }
            switch node.form {
            case .object(let object): for (key, property) in object.properties { collect(property.node, path + [key]) }
            case .list(let items), .map(let items): collect(items, path)
            case .boolean, .number, .integer, .text, .oneOf: break
            }
        }
        guard let root = try? root() else { preconditionFailure("no schema follows from the types of a report") }
        collect(root, [])
        return meanings
    }()

    /// Return the schema of a report, with a description of each key.
    static func root() throws(ReportError) -> SchemaNode {
        do {
            var node = try SchemaProbe.read(Report.self).node
            describe(&node, path: [])
            return node
        } catch let error as ReportError {
            throw error
        } catch {
            throw ReportError(.json, "no schema follows from the report: \(error)")
        }
    }

    /// Add the descriptions of figures and of the parts that hold them; all else is described where its type is.
    private static func describe(_ node: inout SchemaNode, path: [String]) {
        if let definition = Figure.definitions[path.joined(separator: ".")] { node.description = definition }
        switch node.form {
        case .object(var object):
            for key in object.properties.keys.sorted() {
                guard var property = object.properties[key] else { continue }
                describe(&property.node, path: path + [key])
                object.properties[key] = property
            }
            node.form = .object(object)
        case .list(var items):
            describeItems(&items, path: path)
            node.form = .list(items)
        case .boolean, .number, .integer, .text, .oneOf, .map:
            break
        }
    }

    /// Add the descriptions of the keys within the elements of a list; the elements themselves have none.
    private static func describeItems(_ node: inout SchemaNode, path: [String]) {
        describe(&node, path: path)
        node.description = nil
    }
}
