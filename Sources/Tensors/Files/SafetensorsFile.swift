import Basics
import Foundation

/// A safetensors file, opened for reading.
public struct SafetensorsFile: TensorFile {
    private let file: MappedFile
    private let dataStart: Int
    private let entries: [String: SafetensorsHeader.Entry]

    /// The names of the tensors, in the order of their data.
    public let names: [String]
    /// Free text that the file carries, by key.
    public let metadata: [String: String]

    /// The file, as the caller named it.
    public var path: String { file.path }

    /// Map a file and check its header; no data are read.
    ///
    /// - Throws: ``TensorFileError`` when the file cannot be opened or its header is not right.
    public init(path: String) throws(TensorFileError) {
        file = try MappedFile(path: path)
        let prefix = file.bytes(in: 0..<min(SafetensorsHeader.prefixByteCount, file.byteCount))
        let length = try SafetensorsHeader.jsonByteCount(
            prefix: prefix,
            fileByteCount: file.byteCount,
            path: path
        )
        dataStart = SafetensorsHeader.prefixByteCount + length
        let json = file.bytes(in: SafetensorsHeader.prefixByteCount..<dataStart)
        let header = try SafetensorsHeader(json: json, dataByteCount: file.byteCount - dataStart, path: path)
        names = header.entries.map(\.spec.name)
        metadata = header.metadata
        entries = Dictionary(uniqueKeysWithValues: header.entries.map { ($0.spec.name, $0) })
    }

    /// One tensor, without reading its data.
    ///
    /// - Throws: ``TensorFileError`` that lists what the file holds when there is no tensor of that name.
    public func tensor(named name: String) throws(TensorFileError) -> TensorView {
        guard let entry = entries[name] else { throw noTensor(named: name) }
        return TensorView(spec: entry.spec, file: file, byteOffset: dataStart + entry.dataOffsets.lowerBound)
    }
}

/// The checked header of a safetensors file: its tensors and their places.
///
/// The format is 8 bytes with the little-endian length of the header, the header as a JSON object, then the data. The
/// tensors must cover the data exactly, without holes and without overlaps, so that nothing can hide in the file.
/// Source: the format section of the safetensors README, huggingface/safetensors.
public struct SafetensorsHeader: Equatable, Sendable {
    /// One tensor and the bytes of the data section that hold it.
    public struct Entry: Equatable, Sendable {
        /// Name, element type and shape.
        public let spec: TensorSpec
        /// The bytes that hold the tensor's data, counted from the end of the header.
        public let dataOffsets: Range<Int>
    }

    /// Upper limit of the length of a JSON header, in bytes; the format's own limit.
    public static let maximumByteCount = 100_000_000
    /// Bytes in front of the JSON, which hold its length.
    public static let prefixByteCount = 8

    /// The tensors in the order of their data.
    public let entries: [Entry]
    /// The metadata of the file: free text by key.
    public let metadata: [String: String]

    /// The length of the JSON that follows the prefix.
    ///
    /// - Parameters:
    ///   - prefix: the first 8 bytes of the file, or all of it when it is shorter.
    ///   - fileByteCount: bytes of the whole file.
    ///   - path: the file's name in errors.
    /// - Throws: ``TensorFileError`` when the length is over the limit or beyond the end of the file.
    public static func jsonByteCount(
        prefix: [UInt8],
        fileByteCount: Int,
        path: String
    ) throws(TensorFileError) -> Int {
        guard prefix.count == prefixByteCount else {
            throw TensorFileError(path: path, message: "has \(prefix.count) bytes; a safetensors file has at least 8")
        }
        let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(maximumByteCount) else {
            let message = "says that its header has \(length) bytes; at most \(maximumByteCount) are allowed"
            throw TensorFileError(path: path, message: message)
        }
        guard Int(length) <= fileByteCount - prefixByteCount else {
            let message = "says that its header has \(length) bytes, but the file ends after \(fileByteCount) bytes"
            throw TensorFileError(path: path, message: message)
        }
        return Int(length)
    }

    /// Parse and check the JSON of a header.
    ///
    /// - Parameters:
    ///   - json: the JSON, with any padding.
    ///   - dataByteCount: bytes of the file after the header.
    ///   - path: the file's name in errors.
    /// - Throws: ``TensorFileError`` when it is not JSON, a key is missing, a dtype is unknown, a shape is negative or
    ///   too large, or the tensors do not cover the data exactly.
    public init(json: [UInt8], dataByteCount: Int, path: String) throws(TensorFileError) {
        let parsed = try Self.parse(json, path: path)
        var entries: [Entry] = []
        for (name, tensor) in parsed.tensors {
            entries.append(try Self.entry(name, tensor, dataByteCount: dataByteCount, path: path))
        }
        entries.sort { Self.sortKey($0) < Self.sortKey($1) }
        try Self.checkCoverage(entries, dataByteCount: dataByteCount, path: path)
        self.entries = entries
        metadata = parsed.metadata
    }

    private static func sortKey(_ entry: Entry) -> (Int, Int, String) {
        (entry.dataOffsets.lowerBound, entry.dataOffsets.upperBound, entry.spec.name)
    }
}

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

    /// Check the type, shape and place of one tensor in the header, and return its entry.
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
        guard offsets.count == 2, 0 <= offsets[0], offsets[0] <= offsets[1] else {
            throw failure("data_offsets \(offsets) are not two ascending offsets into \(dataByteCount) bytes of data")
        }
        guard offsets[1] - offsets[0] == byteCount else {
            let found = "data_offsets \(offsets) hold \(offsets[1] - offsets[0]) bytes"
            throw failure("\(found); shape \(tensor.shape) of \(dtype.rawValue) needs \(byteCount)")
        }
        guard offsets[1] <= dataByteCount else {
            throw failure(
                "its data end at byte \(offsets[1]), but the file holds \(dataByteCount) bytes of data: it is cut short, as by a "
                    + "download that was interrupted"
            )
        }
        return Entry(spec: spec, dataOffsets: offsets[0]..<offsets[1])
    }

    /// Check that sorted entries cover the data without holes and without overlaps.
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
