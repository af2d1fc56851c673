/// A value that stands for itself.
struct SingleProbe: SingleValueDecodingContainer {
    private let probe: SchemaProbe
    var codingPath: [any CodingKey] { [] }

    init(probe: SchemaProbe) { self.probe = probe }

    /// Asked before a value that may be null is decoded.
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
