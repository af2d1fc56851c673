import Basics
import Foundation

/// Where a safetensors file that is about to be written puts everything.
struct SafetensorsLayout {
    /// The prefix and the JSON, padded with blanks to a multiple of 8 bytes.
    let head: [UInt8]
    /// Each tensor with the place of its data, counted from the start of the file.
    let fileOffsets: [(spec: TensorSpec, offset: Int)]
    /// Bytes of the whole file.
    let fileByteCount: Int

    /// Lays out the tensors with the widest elements first, so that every element stands on a multiple of its size.
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

    /// Sorted by element size, in the given order where sizes are equal.
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
