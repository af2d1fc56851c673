/// A NumPy `.npy` file, opened for reading: one tensor, named after the file without its extension.
public struct NpyFile: TensorFile {
    private let view: TensorView

    /// The one name.
    public var names: [String] { [view.name] }
    /// The file, as the caller named it.
    public var path: String { view.path }

    /// Maps a file and checks its header; no data are read.
    ///
    /// - Throws: ``TensorFileError`` when the file cannot be opened or its header is not right.
    public init(path: String) throws(TensorFileError) {
        let file = try MappedFile(path: path)
        let head = file.bytes(in: 0..<min(NpyHeader.longestPrefix + NpyHeader.maximumByteCount, file.byteCount))
        let header = try NpyHeader(head: head, path: path)
        let name = String(path.split(separator: "/").last?.dropLast(".npy".count) ?? "")
        let spec = TensorSpec(name: name, dtype: header.dtype, shape: header.shape)
        guard let byteCount = spec.byteCount else {
            throw TensorFileError(path: path, message: "shape \(header.shape) is negative or too large")
        }
        guard file.byteCount - header.dataStart == byteCount else {
            let found = "holds \(file.byteCount - header.dataStart) bytes of data"
            let needed = "shape \(header.shape) of \(header.dtype.rawValue) needs \(byteCount)"
            throw TensorFileError(path: path, message: "\(found); \(needed)")
        }
        view = TensorView(spec: spec, file: file, byteOffset: header.dataStart)
    }

    /// The tensor, without reading its data.
    ///
    /// - Throws: ``TensorFileError`` when `name` is not the one name.
    public func tensor(named name: String) throws(TensorFileError) -> TensorView {
        guard name == view.name else { throw noTensor(named: name) }
        return view
    }
}
