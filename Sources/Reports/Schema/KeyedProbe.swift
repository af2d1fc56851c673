/// Keys that were asked about before they were decoded; containers are values, and their copies share them.
private final class AskedKeys { var names: Set<String> = [] }

/// The keys of an object.
struct KeyedProbe<Key: CodingKey>: KeyedDecodingContainerProtocol {
    private let probe: SchemaProbe
    private let optional = AskedKeys()

    init(probe: SchemaProbe) { self.probe = probe }

    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { [] }

    func contains(_ key: Key) -> Bool { true }

    /// Asked before a value that may be missing is decoded.
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
