import Basics

/// A `.pt` file of `torch.save`, opened for reading: a zip archive of a pickle and the elements of its tensors.
///
/// Read are tensors in dictionaries, lists and tuples; a tensor is named by the keys and indices that lead to it, as
/// `records.0.global_physical_count`. Nothing in the file is run (``PickleReader``). Source: 'Serialization semantics' in
/// the notes of PyTorch's documentation.
public struct TorchFile: TensorFile {
    private let file: MappedFile
    private let tensors: [String: TorchTensor]
    private let entries: [String: ZipDirectory.Entry]

    /// The names of the tensors, in the order of the pickle.
    public let names: [String]
    /// The file, as the caller named it.
    public var path: String { file.path }

    /// Map a file and read its pickle; no elements are read.
    ///
    /// - Throws: ``TensorFileError`` when the file cannot be opened, is no such archive, or its pickle holds something
    ///   else than plain tensors.
    public init(path: String) throws(TensorFileError) {
        file = try MappedFile(path: path)
        guard file.byteCount >= 4, file.bytes(in: 0..<2) == [0x50, 0x4b] else {
            let message = "is not a zip archive, as torch.save writes it since PyTorch 1.6; save it again"
            throw TensorFileError(path: path, message: message)
        }
        let directory = try ZipDirectory(file)
        let pickles = directory.entries.filter { $0.name.hasSuffix("/data.pkl") }
        guard pickles.count == 1, let pickle = pickles.first else {
            let message = "holds \(pickles.count) entries called data.pkl; a file of torch.save holds one"
            throw TensorFileError(path: path, message: message)
        }
        let folder = String(pickle.name.dropLast("data.pkl".count))
        var entries: [String: ZipDirectory.Entry] = [:]
        for entry in directory.entries where entry.name.hasPrefix("\(folder)data/") {
            entries[String(entry.name.dropFirst("\(folder)data/".count))] = entry
        }
        self.entries = entries
        if let order = directory.entries.first(where: { $0.name == "\(folder)byteorder" }), order.byteCount < 64 {
            let (bytes, range) = try file.content(of: order)
            guard bytes.bytes(in: range) == Array("little".utf8) else {
                throw TensorFileError(path: path, message: "has big-endian numbers; little-endian ones are read")
            }
        }
        guard pickle.byteCount <= PickleReader.longest else {
            let message = "has a pickle of \(pickle.byteCount) bytes; at most \(PickleReader.longest) are read"
            throw TensorFileError(path: path, message: message)
        }
        let (bytes, range) = try file.content(of: pickle)
        let found = try PickleReader.tensors(bytes.bytes(in: range), path: path)
        names = found.map(\.name)
        guard Set(names).count == names.count else {
            throw TensorFileError(path: path, message: "holds two tensors of one name")
        }
        tensors = Dictionary(uniqueKeysWithValues: found.map { ($0.name, $0.tensor) })
    }

    /// One tensor, whose elements are checked against the checksum of the archive.
    ///
    /// - Throws: ``TensorFileError`` that lists what the file holds when there is no tensor of that name, or for elements
    ///   that are missing or damaged.
    public func tensor(named name: String) throws(TensorFileError) -> TensorView {
        guard let tensor = tensors[name] else { throw noTensor(named: name) }
        func error(_ message: String) -> TensorFileError { TensorFileError(path: path, tensor: name, message: message) }
        let (storage, dtype) = (tensor.storage, tensor.storage.dtype)
        guard let entry = entries[storage.key] else {
            throw error("its elements, entry \(Quoted.text("data/\(storage.key)")), are missing")
        }
        let (needed, isHuge) = storage.count.multipliedReportingOverflow(by: dtype.byteCount)
        guard !isHuge, needed <= entry.byteCount else {
            throw error(
                "\(storage.count) elements of \(dtype.rawValue) are more than the \(entry.byteCount) bytes of their entry"
            )
        }
        let spec = TensorSpec(name: name, dtype: dtype, shape: tensor.shape)
        guard let count = tensor.count, spec.byteCount != nil else { throw error("shape \(tensor.shape) is too large") }
        let (bytes, range) = try file.content(of: entry)
        guard count > 0 else { return TensorView(spec: spec, file: bytes, byteOffset: range.lowerBound) }
        if tensor.isContiguous {
            return TensorView(spec: spec, file: bytes, byteOffset: range.lowerBound + tensor.offset * dtype.byteCount)
        }
        let gathered = try Self.gathered(tensor, count: count, from: bytes, at: range.lowerBound)
        return TensorView(spec: spec, file: gathered, byteOffset: 0)
    }

    /// The elements of a tensor one after the other.
    private static func gathered(
        _ tensor: TorchTensor,
        count: Int,
        from file: MappedFile,
        at start: Int
    ) throws(TensorFileError) -> MappedFile {
        let width = tensor.storage.dtype.byteCount
        let all = start..<start + tensor.storage.count * width
        return try unsafe MappedFile(memory: count * width, for: file.path) { target in
            unsafe file.withUnsafeBytes(in: all) { source in
                // The stride of a dimension with one index is never taken, and may be any number.
                let dimensions = zip(tensor.shape, tensor.strides).filter { $0.0 > 1 }
                var index = [Int](repeating: 0, count: dimensions.count)
                var element = tensor.offset
                for place in 0..<count {
                    for byte in 0..<width { unsafe target[place * width + byte] = source[element * width + byte] }
                    var dimension = index.count - 1
                    while dimension >= 0 {
                        index[dimension] += 1
                        let (size, stride) = dimensions[dimension]
                        element += stride
                        guard index[dimension] == size else { break }
                        element -= stride * size
                        index[dimension] = 0
                        dimension -= 1
                    }
                }
            }
        }
    }
}
