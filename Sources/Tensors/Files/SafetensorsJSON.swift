/// The JSON object at the head of a safetensors file, before anything in it is believed.
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

    /// A key that is whatever the file says.
    struct Name: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }

    static let metadataKey = "__metadata__"

    var tensors: [String: Tensor]
    var metadata: [String: String]

    init(tensors: [String: Tensor], metadata: [String: String]) {
        self.tensors = tensors
        self.metadata = metadata
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        metadata = try container.decodeIfPresent([String: String].self, forKey: Name(Self.metadataKey)) ?? [:]
        tensors = [:]
        for key in container.allKeys where key.stringValue != Self.metadataKey {
            tensors[key.stringValue] = try container.decode(Tensor.self, forKey: key)
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        if !metadata.isEmpty { try container.encode(metadata, forKey: Name(Self.metadataKey)) }
        for (name, tensor) in tensors { try container.encode(tensor, forKey: Name(name)) }
    }
}
