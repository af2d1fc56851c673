import Basics
import Foundation

/// A writer of a safetensors file, piece by piece and in any order, into a temporary file that gets its name at the
/// end.
///
/// The tensors are declared first, so that each piece goes straight to its place and memory stays small. Nobody sees a
/// half-written file: until ``finish()`` the data stand under a hidden temporary name in the same folder, and whatever
/// is not finished is removed.
public final class SafetensorsWriter {
    /// A declared tensor, the place of its data, and the rows that have been written.
    struct Slot {
        let spec: TensorSpec
        let fileOffset: Int
        var writtenRows = IndexSet()
    }

    /// The file that ``finish()`` makes.
    public let path: String
    var slots: [String: Slot]
    /// The temporary file; nil once it is finished or abandoned.
    private var file: AtomicFile?

    /// Create the temporary file and write the header.
    ///
    /// - Parameters:
    ///   - path: the file to make; one that exists is replaced by ``finish()``.
    ///   - tensors: name, dtype and shape of every tensor.
    ///   - metadata: free text by key.
    /// - Throws: ``TensorFileError`` for a name used twice, a shape that is negative or too large, or a file that
    ///   cannot be created.
    public init(path: String, tensors: [TensorSpec], metadata: [String: String] = [:]) throws(TensorFileError) {
        let layout = try SafetensorsLayout(tensors: tensors, metadata: metadata, path: path)
        self.path = path
        slots = layout.fileOffsets.reduce(into: [:]) { slots, item in
            slots[item.spec.name] = Slot(spec: item.spec, fileOffset: item.offset)
        }
        do {
            file = try AtomicFile(path: path, temporary: Self.temporaryPath(for: path))
            try file?.extend(to: layout.fileByteCount)
        } catch {
            throw TensorFileError(path, error)
        }
        try write(layout.head, at: 0)
    }

    /// Give the file its name, after everything has reached the disk.
    ///
    /// - Throws: ``TensorFileError`` when rows are missing (the writer stays open), or the system refuses.
    public func finish() throws(TensorFileError) {
        try checkOpen()
        try checkComplete()
        do {
            try file.take()?.commit()
        } catch {
            throw TensorFileError(path, error)
        }
    }

    /// Remove the unfinished file, or do nothing after ``finish()``.
    public func abandon() {
        file = nil
    }

    /// Write values at a byte offset of the file, as they stand in memory.
    func write(_ values: [some BitwiseCopyable], at offset: Int) throws(TensorFileError) {
        try checkOpen()
        do {
            try file?.write(values, at: offset)
        } catch {
            throw TensorFileError(path, error)
        }
    }

    /// A hidden name beside `path` that nobody else uses.
    private static func temporaryPath(for path: String) -> String {
        let cut = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        return path[..<cut] + "." + path[cut...] + "." + Hexadecimal.random(digits: 16) + ".partial"
    }

    private func checkOpen() throws(TensorFileError) {
        guard file == nil else { return }
        throw TensorFileError(path: path, message: "was finished or abandoned before")
    }

    private func checkComplete() throws(TensorFileError) {
        for slot in slots.values.sorted(by: { $0.fileOffset < $1.fileOffset }) where slot.spec.byteCount != 0 {
            let missing = IndexSet(integersIn: 0..<slot.spec.rows).subtracting(slot.writtenRows)
            guard let range = missing.rangeView.first else { continue }
            let message = "rows \(range.lowerBound)..<\(range.upperBound) were never written"
            throw TensorFileError(path: path, tensor: slot.spec.name, message: message)
        }
    }
}

extension SafetensorsWriter {
    /// Write whole rows of real numbers, beginning with row `row`; BF16 is rounded to nearest even.
    ///
    /// - Parameters:
    ///   - tensor: a declared name; its dtype is F32 or BF16.
    ///   - row: the first row to write.
    ///   - floats: `[rows, elements per row]`, row-major.
    /// - Throws: ``TensorFileError`` for an unknown name, another dtype, rows that do not fit, or a failed write.
    public func write(_ tensor: String, atRow row: Int, floats: [Float]) throws(TensorFileError) {
        let place = try place(of: tensor, atRow: row, count: floats.count)
        switch place.spec.dtype {
        case .f32: try write(floats.map { $0.bitPattern.littleEndian }, to: place)
        case .bf16: try write(floats.map { BFloat16($0).bitPattern.littleEndian }, to: place)
        default: throw mismatch(place.spec, found: "real numbers", allowed: "F32 and BF16")
        }
    }

    /// Write whole rows of integers, beginning with row `row`.
    ///
    /// - Parameters:
    ///   - tensor: a declared name; its dtype is the one of `Element`: I32 for `Int32`, and so on.
    ///   - row: the first row to write.
    ///   - integers: `[rows, elements per row]`, row-major.
    /// - Throws: ``TensorFileError`` for an unknown name, another dtype, rows that do not fit, or a failed write.
    public func write<Element: FixedWidthInteger & BitwiseCopyable>(
        _ tensor: String,
        atRow row: Int,
        integers: [Element]
    ) throws(TensorFileError) {
        let place = try place(of: tensor, atRow: row, count: integers.count)
        let name = (Element.isSigned ? "I" : "U") + "\(Element.bitWidth)"
        guard place.spec.dtype.rawValue == name else {
            throw mismatch(place.spec, found: "integers of type \(name)", allowed: name)
        }
        try write(integers.map { $0.littleEndian }, to: place)
    }

    /// The place in the file of a range of rows of a declared tensor.
    private struct Place {
        let spec: TensorSpec
        let rows: Range<Int>
        let fileOffset: Int
    }

    private func place(of tensor: String, atRow row: Int, count: Int) throws(TensorFileError) -> Place {
        guard let slot = slots[tensor] else {
            let message = "was not declared; declared are \(Quoted.list(slots.keys.sorted()))"
            throw TensorFileError(path: path, tensor: tensor, message: message)
        }
        let width = slot.spec.shape.dropFirst().reduce(1, *)
        let rows = width == 0 ? 0 : count / width
        guard rows * width == count, row >= 0, row <= slot.spec.rows, rows <= slot.spec.rows - row else {
            let message = "\(count) values at row \(row) do not fit shape \(slot.spec.shape): rows have \(width) values"
            throw TensorFileError(path: path, tensor: tensor, message: message)
        }
        let offset = slot.fileOffset + row * width * slot.spec.dtype.byteCount
        return Place(spec: slot.spec, rows: row..<row + rows, fileOffset: offset)
    }

    private func write<Element: BitwiseCopyable>(_ values: [Element], to place: Place) throws(TensorFileError) {
        try write(values, at: place.fileOffset)
        slots[place.spec.name]?.writtenRows.insert(integersIn: place.rows)
    }

    private func mismatch(_ spec: TensorSpec, found: String, allowed: String) -> TensorFileError {
        let message = "is declared \(spec.dtype.rawValue), but \(found) were given, which go to \(allowed)"
        return TensorFileError(path: path, tensor: spec.name, message: message)
    }
}
