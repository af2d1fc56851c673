/// A safetensors file, opened for reading.
public struct SafetensorsFile: TensorFile {
    private let file: MappedFile
    private let dataStart: Int
    private let entries: [String: SafetensorsHeader.Entry]

    /// The tensors, in the order of their data.
    public let names: [String]
    /// Free text that the file carries, by key.
    public let metadata: [String: String]

    /// The file, as the caller named it.
    public var path: String { file.path }

    /// Maps a file and checks its header; no data are read.
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
