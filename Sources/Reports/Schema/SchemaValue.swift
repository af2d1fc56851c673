/// JSON that a schema is made of.
indirect enum SchemaValue: Encodable {
    case null
    case flag(Bool)
    case integer(Int)
    case text(String)
    case list([SchemaValue])
    case members([String: SchemaValue])

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .flag(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .list(let values): try container.encode(values)
        case .members(let values): try container.encode(values)
        }
    }
}
