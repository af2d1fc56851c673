import Basics
internal import Foundation
internal import Tensors

/// Reads the JSON files beside a checkpoint, with errors in words.
enum JSONText {
    /// The bytes of a file that is not too large to be what it says.
    static func read(path: String, maximumByteCount: Int) throws(CheckpointError) -> Data {
        let file: MappedFile
        do {
            file = try MappedFile(path: path)
        } catch {
            throw CheckpointError(error)
        }
        guard file.byteCount <= maximumByteCount else {
            let message = "has \(file.byteCount) bytes; at most \(maximumByteCount) are read"
            throw CheckpointError(path: path, message: message)
        }
        return Data(file.bytes(in: 0..<file.byteCount))
    }

    /// Decodes JSON as Python writes it: NaN and Infinity are numbers.
    static func decode<Value: Decodable>(_ json: Data, path: String) throws(CheckpointError) -> Value {
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = true
        do {
            return try decoder.decode(Value.self, from: json)
        } catch let error as DecodingError {
            throw CheckpointError(path: path, message: sentence(error))
        } catch {
            throw CheckpointError(path: path, message: "cannot be decoded: \(error)")
        }
    }

    private static func sentence(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, _): "has no \(Quoted.text(key.stringValue))"
        case .typeMismatch(_, let context): "holds a value of the wrong type at \(place(context.codingPath))"
        case .valueNotFound(_, let context): "holds null at \(place(context.codingPath))"
        case .dataCorrupted: "is not valid JSON"
        @unknown default: "cannot be decoded: \(error)"
        }
    }

    private static func place(_ path: [any CodingKey]) -> String {
        path.isEmpty ? "the top level" : path.map { Quoted.text($0.stringValue) }.joined(separator: ".")
    }
}
