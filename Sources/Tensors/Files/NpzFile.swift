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
        let (bytes, range): (MappedFile, Range<Int>)
        do {
            (bytes, range) = try file.content(of: entry)
        } catch {
            throw TensorFileError(path: path, tensor: name, message: error.message)
        }
        do {
            return try NpyHeader.tensor(named: name, in: bytes, at: range)
        } catch {
            throw TensorFileError(path: path, tensor: name, message: error.message)
        }
    }
}
