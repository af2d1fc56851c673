import Basics
import Figures
import FoundationEssentials
import MadeUpRuns
import TestSupport
import Testing

@testable import Reports

@Suite("Schema of the report")
struct ReportSchemaTests {
    /// The places of a schema, `a.b[].c`, with the types that they may have.
    private static func places(_ node: SchemaNode, at path: String = "") -> [String: SchemaNode] {
        switch node.form {
        case .object(let object):
            object.properties.reduce(into: [:]) { places, property in
                let place = path.isEmpty ? property.key : "\(path).\(property.key)"
                places[place] = property.value.node
                places.merge(Self.places(property.value.node, at: place)) { $1 }
            }
        case .list(let items): places(items, at: path + "[]")
        case .map, .boolean, .number, .integer, .text, .oneOf: [:]
        }
    }

    /// The places that a JSON has; keys of ``Report/definitions`` are data.
    private static func places(_ json: JSON, at path: String = "") -> Set<String> {
        switch json {
        case .members(let members) where path != "definitions":
            members.reduce(into: []) { places, member in
                let place = path.isEmpty ? member.key : "\(path).\(member.key)"
                places.insert(place)
                places.formUnion(Self.places(member.value, at: place))
            }
        case .list(let values): values.reduce(into: []) { $0.formUnion(places($1, at: path + "[]")) }
        default: []
        }
    }

    @Test func everyKeyThatIsWrittenIsInItAndNoOther() throws {
        let written = try SchemaReports.all().reduce(into: Set<String>()) { written, report in
            written.formUnion(Self.places(try JSON(parsing: report.json())))
        }
        let known = Set(Self.places(try ReportSchema.root()).keys)
        #expect(written.subtracting(known) == [], "not in the schema")
        #expect(known.subtracting(written) == [], "in no report")
    }

    @Test func everyKeyIsDescribed() throws {
        let places = Self.places(try ReportSchema.root())
        #expect(places.filter { $0.value.description?.isEmpty != false }.keys.sorted() == [])
        for figure in Figure.catalogue { #expect(places[figure.path]?.description == figure.definition) }
    }

    @Test(arguments: [
        ("status", SchemaNode.Form.oneOf(["valid", "invalid", "failed", "interrupted"]), false),
        ("seed", .integer(minimum: 0), false), ("output.sha256", .text, true), ("steps", .integer(minimum: nil), false),
        ("load.rank.imbalance.mean", .number, true), ("run.router_learns", .boolean, false),
        ("reasons", .list(SchemaNode(form: .text)), false), ("notes", .list(SchemaNode(form: .text)), false),
        ("definitions", .map(SchemaNode(form: .text)), false),
        ("ranks[].layer", .integer(minimum: nil), true), ("time.residual.worst_seconds", .number, true),
    ])
    func typesAreThoseThatAreWritten(place: String, form: SchemaNode.Form, isNullable: Bool) throws {
        let node = try #require(Self.places(try ReportSchema.root())[place])
        #expect(node.form == form)
        #expect(node.isNullable == isNullable)
    }

    /// What a reader of an earlier version of the same `schema_version` relies on.
    @Test func nothingWasTakenAway() throws {
        #expect(Report.schemaVersion == 1)
        let lines = Self.places(try ReportSchema.root()).map { "\($0.key) \($0.value.kind)" }
        #expect(Set(SchemaVersion1.places).subtracting(lines).sorted() == [])
    }

    @Test func whatIsNeverLeftOutIsRequired() throws {
        let json = try JSON(parsing: ReportSchema.json())
        #expect(json.strings("required").contains("limits"))
        // What later versions of the same layout added is not in every report of it.
        #expect(
            Set(json.strings("required")).union(["balance", "notes", "rebalances"])
                == Set(try Self.keys(json["properties"]))
        )
        let model = json["properties.run.properties.model"]
        #expect(model?.strings("required").contains("shared_expert") == false)
        #expect(model?.strings("required").contains("experts") == true)
        #expect(json.string("$id") == "urn:epsim:schema:report:1")
        #expect(json["additionalProperties"]?.bool == true)
    }

    private static func keys(_ json: JSON?) throws -> [String] {
        guard case .members(let members)? = json else { throw ReportError(.json, "no object") }
        return Array(members.keys)
    }

    @Test(.enabled(if: SchemaValidator.isAvailable))
    func everyReportFollowsIt() throws {
        let reports = try SchemaReports.all().map { try $0.json() }
        #expect(try SchemaValidator.faults(of: reports, by: ReportSchema.json()) == [])
    }

    @Test(
        .enabled(if: SchemaValidator.isAvailable),
        arguments: [
            ("\"seed\" : 1", "\"seed\" : -1"), ("\"status\" : \"valid\"", "\"status\" : \"fine\""),
            ("\"tokens_per_second\" : {", "\"tokens\" : {"), ("\"sha256\" : null", "\"sha256\" : 5"),
            ("\"clock\" : \"measured\"", "\"clock\" : null"),
        ]
    )
    func whatIsNoReportDoesNot(found: String, changed: String) throws {
        let text = try MadeUpRun.small.report().json()
        #expect(text.contains(found))
        let faults = try SchemaValidator.faults(of: [text.replacing(found, with: changed)], by: ReportSchema.json())
        #expect(!faults.isEmpty)
    }

    @Test func keysAreInSnakeCaseAsTheyAreWritten() {
        #expect(SnakeCase.of("stepSeconds") == "step_seconds")
        #expect(SnakeCase.of("sha256") == "sha256")
        #expect(SnakeCase.of("exposedWithoutOverlapShare") == "exposed_without_overlap_share")
    }
}

extension SchemaNode {
    /// The types in short.
    var kind: String {
        let name: String =
            switch form {
            case .boolean: "boolean"
            case .number: "number"
            case .integer: "integer"
            case .text: "string"
            case .oneOf(let names): "one of \(names.joined(separator: "|"))"
            case .list: "array"
            case .map: "map"
            case .object: "object"
            }
        return isNullable ? name + " or null" : name
    }
}
