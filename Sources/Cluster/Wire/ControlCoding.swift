internal import Foundation

/// Control payloads are JSON.
public enum ControlCoding {
    /// Largest control payload that is read, in bytes: 1,024 layers of 65,536 experts would be far less.
    public static let byteLimit = 256 << 20

    /// Encodes a control payload.
    public static func encode<Value: Encodable>(_ value: Value) throws(WireError) -> [UInt8] {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            return Array(try encoder.encode(value))
        } catch {
            throw WireError("a control payload that cannot be encoded: \(error)")
        }
    }

    /// Decodes a control payload of the given type.
    public static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws(WireError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw WireError("a control payload that is no \(type)")
        }
    }
}
