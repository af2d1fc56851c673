import Basics

/// The text of a schema in JSON Schema.
///
/// An object that stands in several places and is described alike in all of them is written once, under `$defs`.
struct SchemaText {
    private let root: SchemaNode
    private let shared: [String: SchemaObject]

    init(root: SchemaNode) {
        self.root = root
        var uses: [String: [SchemaObject]] = [:]
        Self.collect(root, into: &uses)
        shared = uses.compactMapValues { uses in
            uses.count > 1 && uses.allSatisfy { $0 == uses[0] } ? uses[0] : nil
        }
    }

    /// Return the schema as JSON text, keys sorted, a line feed at the end.
    func json(id: String, title: String, description: String) throws(JSONError) -> String {
        var members = members(of: root, expanding: true)
        members["$schema"] = .text("https://json-schema.org/draft/2020-12/schema")
        members["$id"] = .text(id)
        members["title"] = .text(title)
        members["description"] = .text(description)
        if !shared.isEmpty {
            members["$defs"] = .members(shared.mapValues { .members(self.members(of: $0)) })
        }
        return try JSONText.of(JSONValue.members(members), keys: .asTheyAre, called: "the schema")
    }

    private static func collect(_ node: SchemaNode, into uses: inout [String: [SchemaObject]]) {
        switch node.form {
        case .object(let object):
            uses[object.name, default: []].append(object)
            for property in object.properties.values { collect(property.node, into: &uses) }
        case .list(let items), .map(let items):
            collect(items, into: &uses)
        case .boolean, .number, .integer, .text, .oneOf:
            break
        }
    }

    /// Return the JSON Schema keywords that describe a node.
    ///
    /// - Parameter expanding: true to write an object out though it stands under `$defs`.
    private func members(of node: SchemaNode, expanding: Bool = false) -> [String: JSONValue] {
        var members: [String: JSONValue]
        switch node.form {
        case .boolean: members = type("boolean", node)
        case .number: members = type("number", node)
        case .text: members = type("string", node)
        case .integer(let minimum):
            members = type("integer", node)
            members["minimum"] = minimum.map { .integer($0) }
        case .oneOf(let names):
            members = ["enum": .list(names.map { .text($0) } + (node.isNullable ? [.null] : []))]
        case .list(let items):
            members = type("array", node)
            members["items"] = .members(self.members(of: items))
        case .map(let values):
            members = type("object", node)
            members["additionalProperties"] = .members(self.members(of: values))
        case .object(let object):
            members = self.members(of: object, node, expanding: expanding)
        }
        members["description"] = node.description.map { .text($0) }
        return members
    }

    private func members(of object: SchemaObject, _ node: SchemaNode, expanding: Bool) -> [String: JSONValue] {
        guard !expanding, shared[object.name] != nil else {
            return members(of: object).merging(type("object", node)) { $1 }
        }
        let reference: [String: JSONValue] = ["$ref": .text("#/$defs/\(object.name)")]
        return node.isNullable ? ["anyOf": .list([.members(reference), .members(["type": .text("null")])])] : reference
    }

    private func members(of object: SchemaObject) -> [String: JSONValue] {
        let required = object.properties.filter(\.value.isRequired).keys.sorted()
        return [
            "type": .text("object"),
            "properties": .members(object.properties.mapValues { .members(members(of: $0.node)) }),
            "required": .list(required.map { .text($0) }),
            "additionalProperties": .bool(true),
        ]
    }

    private func type(_ name: String, _ node: SchemaNode) -> [String: JSONValue] {
        ["type": node.isNullable ? .list([.text(name), .text("null")]) : .text(name)]
    }
}

/// The schema of a JSON object with known keys; other keys are allowed.
struct SchemaObject: Equatable, Sendable {
    /// The value of one key.
    struct Property: Equatable, Sendable {
        var node: SchemaNode
        /// False for a key that is left out where there is no value.
        var isRequired: Bool
    }

    /// The name of the Swift type that is written as this object, for example `Report.Samples`.
    let name: String
    /// The properties by key, in snake case.
    var properties: [String: Property] = [:]
}

/// The schema of one value in a JSON: the part of JSON Schema that reports need.
struct SchemaNode: Equatable, Sendable {
    /// The form of the value.
    indirect enum Form: Equatable, Sendable {
        case boolean
        case number
        /// A whole number, at least `minimum` where there is a minimum.
        case integer(minimum: Int?)
        case text
        case oneOf([String])
        case list(SchemaNode)
        /// An object with any keys, whose values all have the given schema.
        case map(SchemaNode)
        case object(SchemaObject)
    }

    var form: Form
    /// True where `null` stands for a value that is not known.
    var isNullable = false
    /// The description of the value, with its unit.
    var description: String?
}
