import Figures

/// A decoder that reads no data: it notes the keys that a type asks for, the types of their values, and which of them
/// may be missing or null.
///
/// So a schema follows from the types that are written, and cannot differ from them. Every value that the decoder hands
/// out is the plainest of its type.
final class SchemaProbe: Decoder {
    /// The schema of the probed type, from the keys that it has asked for so far.
    private(set) var node: SchemaNode
    /// The probes of the nested objects, by key.
    private var parts: [String: SchemaProbe] = [:]
    /// True once the probed type has asked whether its value is null.
    var isNullable = false
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]

    private init(_ type: Any.Type) {
        // Names of nested types carry those around them, and the module first.
        let name = String(reflecting: type).split(separator: ".").dropFirst().joined(separator: ".")
        node = SchemaNode(form: .object(SchemaObject(name: name)))
    }

    private init(named name: String) {
        node = SchemaNode(form: .object(SchemaObject(name: name)))
    }

    /// Find the schema of a type, and return it with a value of the type.
    static func read<Value: Decodable>(_ type: Value.Type) throws -> (value: Value, node: SchemaNode) {
        if let plain = type as? any SchemaPlain.Type, let value = plain.init() as? Value {
            return (value, SchemaNode(form: plain.form))
        }
        if let choice = type as? any (CaseIterable & RawRepresentable).Type, let cases = Self.cases(choice),
            let value = cases.first as? Value
        {
            return (value, SchemaNode(form: cases.form))
        }
        if let map = type as? any SchemaMap.Type, let (value, node) = try map.read() as? (Value, SchemaNode) {
            return (value, node)
        }
        let probe = SchemaProbe(type)
        let value = try Value(from: probe)
        return (value, probe.whole(describedBy: (type as? any KeyMeanings.Type)?.meanings ?? [:]))
    }

    private static func cases<Choice: CaseIterable & RawRepresentable>(
        _ type: Choice.Type
    ) -> (first: Choice, form: SchemaNode.Form)? {
        let names = Choice.allCases.compactMap { $0.rawValue as? String }
        guard let first = Choice.allCases.first, !names.isEmpty else { return nil }
        return (first, .oneOf(names))
    }

    /// Note a key and its schema; of a key that is asked for twice, the value may be null if either request allows it.
    func note(_ key: any CodingKey, _ found: SchemaNode, isRequired: Bool) {
        guard case .object(var object) = node.form else { return }
        let name = SnakeCase.of(key.stringValue)
        let earlier = object.properties[name]
        var property = SchemaObject.Property(node: found, isRequired: isRequired)
        property.node.isNullable = found.isNullable || earlier?.node.isNullable == true
        property.isRequired = isRequired && earlier?.isRequired != false
        object.properties[name] = property
        node.form = .object(object)
    }

    /// Return the probe of the nested object under a key.
    func part(_ key: any CodingKey) -> SchemaProbe {
        let name = SnakeCase.of(key.stringValue)
        if let known = parts[name] { return known }
        let part = SchemaProbe(named: name)
        parts[name] = part
        return part
    }

    /// Return the schema of the object with its nested objects, and with the meanings of its keys.
    private func whole(describedBy meanings: [String: String] = [:]) -> SchemaNode {
        guard case .object(var object) = node.form else { return node }
        for (name, part) in parts {
            object.properties[name] = SchemaObject.Property(node: part.whole(), isRequired: true)
        }
        for (key, meaning) in meanings {
            precondition(object.properties[key] != nil, "\(object.name) has no key \(key)")
            object.properties[key]?.node.description = meaning
        }
        var node = node
        node.form = .object(object)
        return node
    }

    /// Note that the value is a list of `items`.
    func note(items: SchemaNode) { node.form = .list(items) }

    /// Note that the value has the schema of another type.
    func note(wrapped: SchemaNode) {
        node = wrapped
        node.isNullable = isNullable || wrapped.isNullable
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(KeyedProbe(probe: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { UnkeyedProbe(probe: self) }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { SingleProbe(probe: self) }

    /// The error for a way of decoding that no type of a report uses.
    static func unsupported(_ place: String) -> ReportError {
        ReportError(.json, "no schema follows from how \(place) is decoded")
    }
}

/// Keys as `JSONEncoder` writes them with `convertToSnakeCase`, for names whose words each begin with one capital.
enum SnakeCase {
    /// The key in snake case, for example `step_seconds` for `stepSeconds`.
    static func of(_ key: String) -> String {
        key.reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
    }
}

/// A probe of a type that is decoded from a single value, without keys.
struct SingleProbe: SingleValueDecodingContainer {
    private let probe: SchemaProbe
    var codingPath: [any CodingKey] { [] }

    init(probe: SchemaProbe) { self.probe = probe }

    /// Note that the value may be null: types ask this before they decode a value that may be.
    func decodeNil() -> Bool {
        probe.isNullable = true
        return false
    }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let (value, node) = try SchemaProbe.read(type)
        probe.note(wrapped: node)
        return value
    }
}

/// A type that JSON has as one boolean, number or text.
protocol SchemaPlain {
    init()
    static var form: SchemaNode.Form { get }
}

extension Bool: SchemaPlain { static var form: SchemaNode.Form { .boolean } }
extension String: SchemaPlain { static var form: SchemaNode.Form { .text } }
extension Double: SchemaPlain { static var form: SchemaNode.Form { .number } }
extension Float: SchemaPlain { static var form: SchemaNode.Form { .number } }
extension Int: SchemaPlain { static var form: SchemaNode.Form { .integer(minimum: nil) } }
extension UInt64: SchemaPlain { static var form: SchemaNode.Form { .integer(minimum: 0) } }

/// A dictionary type, whose keys are data and no part of the schema.
protocol SchemaMap {
    /// Return an empty dictionary, and its schema.
    static func read() throws -> (value: Any, node: SchemaNode)
}

extension Dictionary: SchemaMap where Key == String, Value: Decodable {
    static func read() throws -> (value: Any, node: SchemaNode) {
        (Self(), SchemaNode(form: .map(try SchemaProbe.read(Value.self).node)))
    }
}

/// A probe of a list: it hands out one element, whose schema is that of all elements.
struct UnkeyedProbe: UnkeyedDecodingContainer {
    private let probe: SchemaProbe
    var codingPath: [any CodingKey] { [] }
    var count: Int? { 1 }
    private(set) var currentIndex = 0
    var isAtEnd: Bool { currentIndex > 0 }

    init(probe: SchemaProbe) { self.probe = probe }

    func decodeNil() throws -> Bool { false }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let (value, node) = try SchemaProbe.read(type)
        probe.note(items: node)
        currentIndex += 1
        return value
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        throw SchemaProbe.unsupported("a list")
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw SchemaProbe.unsupported("a list")
    }

    mutating func superDecoder() throws -> any Decoder { throw SchemaProbe.unsupported("super") }
}

/// The keys that a type has asked about before it decoded them; a class, because all copies of a container share them.
private final class AskedKeys { var names: Set<String> = [] }

/// A probe of the keys of an object.
struct KeyedProbe<Key: CodingKey>: KeyedDecodingContainerProtocol {
    private let probe: SchemaProbe
    private let optional = AskedKeys()

    init(probe: SchemaProbe) { self.probe = probe }

    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { [] }

    func contains(_ key: Key) -> Bool { true }

    /// Note that the value of a key may be missing or null: types ask this before they decode an optional value.
    func decodeNil(forKey key: Key) throws -> Bool {
        optional.names.insert(key.stringValue)
        return false
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        let (value, node) = try SchemaProbe.read(type)
        probe.note(key, node, isRequired: !optional.names.contains(key.stringValue))
        return value
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        KeyedDecodingContainer(KeyedProbe<Nested>(probe: probe.part(key)))
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        throw SchemaProbe.unsupported(key.stringValue)
    }

    func superDecoder() throws -> any Decoder { throw SchemaProbe.unsupported("super") }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw SchemaProbe.unsupported(key.stringValue) }
}
