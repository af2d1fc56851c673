import Foundation

/// Writes a safetensors file piece by piece, in any order, into a temporary file that gets its name at the end.
///
/// The tensors are declared first, so that each piece goes straight to its place and memory stays small. Nobody sees a
/// half-written file: until ``finish()`` the data stand under a hidden temporary name in the same folder, and whatever
/// is not finished is removed.
public final class SafetensorsWriter {
    /// A declared tensor, where its data go, and which rows have been written.
    struct Slot {
        let spec: TensorSpec
        let fileOffset: Int
        var writtenRows = IndexSet()
    }

    /// The file that ``finish()`` makes.
    public let path: String
    let temporaryPath: String
    var slots: [String: Slot]
    /// Nil once the file is finished or abandoned.
    var descriptor: Int32?

    /// Creates the temporary file and writes the header.
    ///
    /// - Parameters:
    ///   - path: the file to make; one that exists is replaced by ``finish()``.
    ///   - tensors: name, dtype and shape of every tensor.
    ///   - metadata: free text by key.
    /// - Throws: ``TensorFileError`` for a name used twice, a shape that is negative or too large, or a file that cannot
    ///   be created.
    public init(path: String, tensors: [TensorSpec], metadata: [String: String] = [:]) throws(TensorFileError) {
        let layout = try SafetensorsLayout(tensors: tensors, metadata: metadata, path: path)
        self.path = path
        temporaryPath = Self.temporaryPath(for: path)
        slots = layout.fileOffsets.reduce(into: [:]) { slots, item in
            slots[item.spec.name] = Slot(spec: item.spec, fileOffset: item.offset)
        }
        descriptor = try create()
        try extend(to: layout.fileByteCount)
        try write(layout.head, at: 0)
    }

    deinit {
        abandon()
    }

    /// Gives the file its name, after everything has reached the disk.
    ///
    /// - Throws: ``TensorFileError`` when rows are missing (the writer stays open), or the system refuses.
    public func finish() throws(TensorFileError) {
        let open = try openDescriptor()
        try checkComplete()
        guard fsync(open) == 0 else { throw systemError("cannot be written to disk") }
        descriptor = nil
        guard close(open) == 0 else { throw removing(systemError("cannot be closed")) }
        guard unsafe rename(temporaryPath, path) == 0 else { throw removing(systemError("cannot be put in place")) }
    }

    /// Removes what was written. Does nothing after ``finish()``.
    public func abandon() {
        guard let open = descriptor else { return }
        descriptor = nil
        close(open)
        unsafe unlink(temporaryPath)
    }

    private func checkComplete() throws(TensorFileError) {
        for slot in slots.values.sorted(by: { $0.fileOffset < $1.fileOffset }) where slot.spec.byteCount != 0 {
            let missing = IndexSet(integersIn: 0..<slot.spec.rows).subtracting(slot.writtenRows)
            guard let range = missing.rangeView.first else { continue }
            let message = "rows \(range.lowerBound)..<\(range.upperBound) were never written"
            throw TensorFileError(path: path, tensor: slot.spec.name, message: message)
        }
    }

    private func removing(_ error: TensorFileError) -> TensorFileError {
        unsafe unlink(temporaryPath)
        return error
    }
}
