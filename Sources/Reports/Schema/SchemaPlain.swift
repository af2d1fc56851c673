/// A type that is one value in JSON.
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

/// A dictionary, whose keys are data.
protocol SchemaMap {
    /// An empty one, and what it is.
    static func read() throws -> (value: Any, node: SchemaNode)
}

extension Dictionary: SchemaMap where Key == String, Value: Decodable {
    static func read() throws -> (value: Any, node: SchemaNode) {
        (Self(), SchemaNode(form: .map(try SchemaProbe.read(Value.self).node)))
    }
}
