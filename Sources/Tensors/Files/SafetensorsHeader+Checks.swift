import Basics
import Foundation

extension SafetensorsHeader {
    static func parse(_ json: [UInt8], path: String) throws(TensorFileError) -> SafetensorsJSON {
        guard json.first == UInt8(ascii: "{") else {
            throw TensorFileError(path: path, message: "its header is not a JSON object: it does not begin with '{'")
        }
        do {
            return try JSONText.decode(from: Data(json), keys: .asTheyAre)
        } catch {
            throw TensorFileError(path: path, message: "its header \(error)")
        }
    }

    /// Checks one tensor by itself.
    static func entry(
        _ name: String,
        _ tensor: SafetensorsJSON.Tensor,
        dataByteCount: Int,
        path: String
    ) throws(TensorFileError) -> Entry {
        func failure(_ message: String) -> TensorFileError {
            TensorFileError(path: path, tensor: name, message: message)
        }
        guard let dtype = DType(rawValue: tensor.dtype) else {
            let allowed = DType.allCases.map(\.rawValue).joined(separator: ", ")
            throw failure("dtype \(Quoted.text(tensor.dtype)) is not known; known are \(allowed)")
        }
        let spec = TensorSpec(name: name, dtype: dtype, shape: tensor.shape)
        guard let byteCount = spec.byteCount else {
            throw failure("shape \(tensor.shape) is negative or too large")
        }
        let offsets = tensor.dataOffsets
        guard offsets.count == 2, 0 <= offsets[0], offsets[0] <= offsets[1], offsets[1] <= dataByteCount else {
            throw failure("data_offsets \(offsets) are not two ascending offsets into \(dataByteCount) bytes of data")
        }
        guard offsets[1] - offsets[0] == byteCount else {
            let found = "data_offsets \(offsets) hold \(offsets[1] - offsets[0]) bytes"
            throw failure("\(found); shape \(tensor.shape) of \(dtype.rawValue) needs \(byteCount)")
        }
        return Entry(spec: spec, dataOffsets: offsets[0]..<offsets[1])
    }

    /// Checks that sorted entries cover the data without holes and without overlaps.
    static func checkCoverage(_ entries: [Entry], dataByteCount: Int, path: String) throws(TensorFileError) {
        var end = 0
        for (index, entry) in entries.enumerated() {
            let start = entry.dataOffsets.lowerBound
            if start < end {
                let other = Quoted.text(entries[index - 1].spec.name)
                throw TensorFileError(
                    path: path,
                    tensor: entry.spec.name,
                    message: "its data overlap those of \(other)"
                )
            }
            if start > end {
                let message = "its data begin at \(start), but bytes \(end)..<\(start) belong to no tensor"
                throw TensorFileError(path: path, tensor: entry.spec.name, message: message)
            }
            end = entry.dataOffsets.upperBound
        }
        guard end == dataByteCount else {
            let message =
                "its tensors end at byte \(end) of the data, but the file holds \(dataByteCount) bytes of data"
            throw TensorFileError(path: path, message: message)
        }
    }
}
