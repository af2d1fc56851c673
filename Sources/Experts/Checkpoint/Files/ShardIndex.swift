internal import Foundation
internal import Tensors

/// The index of a checkpoint of several files: `weight_map` from tensor to file.
struct ShardIndex: Decodable {
    let weightMap: [String: String]

    private enum CodingKeys: String, CodingKey {
        case weightMap = "weight_map"
    }

    /// Reads the map; the files that it names have not been looked at.
    static func weightMap(path: String, maximumByteCount: Int) throws(CheckpointError) -> [String: String] {
        let json = try JSONFile.read(path: path, maximumByteCount: maximumByteCount)
        let index: ShardIndex = try JSONFile.decode(json, path: path)
        guard !index.weightMap.isEmpty else {
            throw CheckpointError(path: path, message: "its \"weight_map\" is empty")
        }
        return index.weightMap
    }
}
