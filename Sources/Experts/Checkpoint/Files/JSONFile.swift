import Basics
internal import Foundation
internal import Tensors

/// Reads the JSON files beside a checkpoint, with errors in words.
enum JSONFile {
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
        do {
            return try JSONText.decode(from: json, keys: .asTheyAre, isLoose: true)
        } catch {
            throw CheckpointError(path: path, message: error.description)
        }
    }
}
