import Basics

/// A NumPy `.npz` file, opened for reading: a zip archive of `.npy` files, each a tensor that is named after its entry.
///
/// Entries that are stored are read where they stand; those that are compressed are held in memory as long as their
/// tensor is.
public struct NpzFile: TensorFile {
    private let file: MappedFile
    private let entries: [String: ZipDirectory.Entry]

    /// The names of the tensors, in the order of the archive's directory.
    public let names: [String]
    /// The file, as the caller named it.
    public var path: String { file.path }

    /// Map a file and check its directory; no data are read.
    ///
    /// - Throws: ``TensorFileError`` when the file cannot be opened, is not a zip archive of stored and deflated
    ///   entries, or holds an entry that is no `.npy` file.
    public init(path: String) throws(TensorFileError) {
        file = try MappedFile(path: path)
        var names: [String] = []
        var entries: [String: ZipDirectory.Entry] = [:]
        for entry in try ZipDirectory(file).entries {
            guard entry.name.hasSuffix(".npy") else {
                let message = "holds \(Quoted.text(entry.name)); an .npz file holds .npy files alone"
                throw TensorFileError(path: path, message: message)
            }
            let name = String(entry.name.dropLast(".npy".count))
            names.append(name)
            entries[name] = entry
        }
        self.names = names
        self.entries = entries
    }

    /// One tensor, whose bytes are checked against the checksum of the archive.
    ///
    /// - Throws: ``TensorFileError`` that lists what the file holds when there is no tensor of that name; for a damaged
    ///   entry; or for a header that is not right.
    public func tensor(named name: String) throws(TensorFileError) -> TensorView {
        guard let entry = entries[name] else { throw noTensor(named: name) }
        let (bytes, range) = try content(of: entry, named: name)
        do {
            return try NpyHeader.tensor(named: name, in: bytes, at: range)
        } catch {
            throw TensorFileError(path: path, tensor: name, message: error.message)
        }
    }

    /// The bytes of an entry: of the archive where they stand in it as they are, else of memory.
    private func content(
        of entry: ZipDirectory.Entry,
        named name: String
    ) throws(TensorFileError) -> (MappedFile, Range<Int>) {
        let held = entry.isDeflated ? try file.inflated(entry.data, byteCount: entry.byteCount) : nil
        let (bytes, range) = held.map { ($0, 0..<$0.byteCount) } ?? (file, entry.data)
        guard bytes.checksum(in: range) == entry.checksum else {
            throw TensorFileError(path: path, tensor: name, message: "is damaged: its checksum is another")
        }
        return (bytes, range)
    }
}
