import Basics
internal import FoundationEssentials

/// Control payloads are JSON.
public enum ControlCoding {
    /// Largest control payload that is read, in bytes: 1,024 layers of 65,536 experts would be far less.
    public static let byteLimit = 256 << 20

    /// Encodes a control payload.
    public static func encode<Value: Encodable>(_ value: Value) throws(WireError) -> [UInt8] {
        do {
            return Array(try JSONText.line(value, called: "a control payload").utf8)
        } catch {
            throw WireError("\(error)")
        }
    }

    /// Decodes a control payload of the given type.
    public static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws(WireError) -> Value {
        do {
            return try JSONText.decode(type, from: Data(bytes), keys: .asTheyAre)
        } catch {
            throw WireError("a control payload that is no \(type)")
        }
    }
}

/// The reason of a refusal or a failure, for a person.
public struct Notice: Codable, Equatable, Sendable {
    /// One sentence.
    public var reason: String

    /// A notice with its sentence.
    public init(reason: String) {
        self.reason = reason
    }
}
