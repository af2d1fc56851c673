/// A list of one element.
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
