import Basics
import Foundation

/// The layout of a safetensors file that is about to be written: its head, and the place of each tensor.
struct SafetensorsLayout {
    /// The prefix and the JSON, padded with blanks to a multiple of 8 bytes.
    let head: [UInt8]
    /// Each tensor with the place of its data, counted from the start of the file.
    let fileOffsets: [(spec: TensorSpec, offset: Int)]
    /// Bytes of the whole file.
    let fileByteCount: Int

    /// Lay out the tensors with the widest elements first, so that every element stands on a multiple of its size.
    init(tensors: [TensorSpec], metadata: [String: String], path: String) throws(TensorFileError) {
        var parts: [String: SafetensorsJSON.Tensor] = [:]
        var offsets: [(spec: TensorSpec, offset: Int)] = []
        var end = 0
        for spec in Self.widestFirst(tensors) {
            let range = try Self.dataRange(of: spec, from: end, path: path)
            let part = SafetensorsJSON.Tensor(
                dtype: spec.dtype.rawValue,
                shape: spec.shape,
                dataOffsets: [range.lowerBound, range.upperBound]
            )
            guard spec.name != SafetensorsJSON.metadataKey, parts.updateValue(part, forKey: spec.name) == nil else {
                throw TensorFileError(path: path, tensor: spec.name, message: "this name is taken")
            }
            offsets.append((spec, range.lowerBound))
            end = range.upperBound
        }
        let head = try Self.head(SafetensorsJSON(tensors: parts, metadata: metadata), path: path)
        self.head = head
        fileOffsets = offsets.map { ($0.spec, $0.offset + head.count) }
        fileByteCount = head.count + end
    }

    /// The tensors sorted by element size, in the given order where sizes are equal.
    private static func widestFirst(_ tensors: [TensorSpec]) -> [TensorSpec] {
        [8, 4, 2, 1].flatMap { size in tensors.filter { $0.dtype.byteCount == size } }
    }

    private static func dataRange(of spec: TensorSpec, from start: Int, path: String) throws(TensorFileError) -> Range<
        Int
    > {
        // The header is short beside 2^62, so that the sum of both cannot overflow either.
        guard let byteCount = spec.byteCount, byteCount <= Int.max / 2 - start else {
            throw TensorFileError(
                path: path,
                tensor: spec.name,
                message: "shape \(spec.shape) is negative or too large"
            )
        }
        return start..<start + byteCount
    }

    private static func head(_ header: SafetensorsJSON, path: String) throws(TensorFileError) -> [UInt8] {
        var json: [UInt8]
        do {
            json = Array(try JSONText.line(header).utf8)
        } catch {
            throw TensorFileError(path: path, message: "its header \(error)")
        }
        json += Array(repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8)
        guard json.count <= SafetensorsHeader.maximumByteCount else {
            let limit = SafetensorsHeader.maximumByteCount
            throw TensorFileError(
                path: path,
                message: "its header would have \(json.count) bytes; \(limit) are allowed"
            )
        }
        return (0..<8).map { UInt8(truncatingIfNeeded: json.count >> (8 * $0)) } + json
    }
}

/// The entry of one tensor in a file: name, element type and shape, row-major.
public struct TensorSpec: Equatable, Sendable {
    /// The name in the file.
    public let name: String
    /// The type of the elements.
    public let dtype: DType
    /// Elements per dimension; empty for a single number.
    public let shape: [Int]

    /// A tensor of the given type and shape.
    public init(name: String, dtype: DType, shape: [Int]) {
        self.name = name
        self.dtype = dtype
        self.shape = shape
    }

    /// Size of the first dimension; 1 for a single number.
    public var rows: Int { shape.first ?? 1 }

    /// Bytes of the whole tensor, or nil when a dimension is negative or the dimensions are too large to multiply.
    ///
    /// The dimensions beside a zero must be multipliable as well, so that rows can be counted without a check.
    public var byteCount: Int? {
        var product = dtype.byteCount
        for dimension in shape where dimension != 0 {
            let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
            guard dimension > 0, !overflow else { return nil }
            product = next
        }
        return shape.contains(0) ? 0 : product
    }
}

/// The JSON object at the head of a safetensors file, before it is checked.
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
