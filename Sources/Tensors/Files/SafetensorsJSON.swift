import Basics

/// The JSON object at the head of a safetensors file, before anything in it is believed.
///
/// It is decoded as what it must be, and not as any JSON: headers have up to 100 MB.
struct SafetensorsJSON: Codable {
    /// One tensor as the file describes it.
    struct Tensor: Codable {
        var dtype: String
        var shape: [Int]
        var dataOffsets: [Int]

        enum CodingKeys: String, CodingKey {
            case dtype
            case shape
            case dataOffsets = "data_offsets"
        }
    }

    static let metadataKey = "__metadata__"

    var tensors: [String: Tensor]
    var metadata: [String: String]

    init(tensors: [String: Tensor], metadata: [String: String]) {
        self.tensors = tensors
        self.metadata = metadata
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: JSONKey.self)
        metadata =
            try container.decodeIfPresent([String: String].self, forKey: JSONKey(stringValue: Self.metadataKey)) ?? [:]
        tensors = [:]
        for key in container.allKeys where key.stringValue != Self.metadataKey {
            tensors[key.stringValue] = try container.decode(Tensor.self, forKey: key)
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: JSONKey.self)
        if !metadata.isEmpty { try container.encode(metadata, forKey: JSONKey(stringValue: Self.metadataKey)) }
        for (name, tensor) in tensors { try container.encode(tensor, forKey: JSONKey(stringValue: name)) }
    }
}
