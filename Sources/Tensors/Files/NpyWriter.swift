import Basics

/// A writer of a `.npy` file, row after row, into a temporary file that gets its name at the end.
public struct NpyWriter: ~Copyable {
    private let spec: TensorSpec
    private let path: String
    private var file: AtomicFile
    private var rows: Int

    /// Create the temporary file and write the header (version 1.0).
    ///
    /// - Parameters:
    ///   - path: the file to make; one that exists is replaced by ``finish()``.
    ///   - spec: shape and dtype, an integer of 2 or 4 bytes with a sign; a `.npy` file holds no name.
    /// - Throws: ``TensorFileError`` for another dtype, a shape that is negative or too large, or a file that cannot be
    ///   created.
    public init(path: String, _ spec: TensorSpec) throws(TensorFileError) {
        let header = try Self.header(spec, path)
        let begun = try Self.begin(path, header)
        self.path = path
        self.spec = spec
        file = begun
        rows = 0
    }

    /// The bytes in front of the data, which begin at a multiple of 64.
    private static func header(_ spec: TensorSpec, _ path: String) throws(TensorFileError) -> [UInt8] {
        guard let descr = [DType.i16: "<i2", .i32: "<i4"][spec.dtype], spec.byteCount != nil else {
            let message = "shape \(spec.shape) of \(spec.dtype.rawValue) cannot be written; I16 and I32 can"
            throw TensorFileError(path: path, message: message)
        }
        let shape = spec.shape.map { "\($0)," }.joined(separator: " ")
        var text = "{'descr': '\(descr)', 'fortran_order': False, 'shape': (\(shape)), }"
        let unpadded = 10 + text.utf8.count + 1
        text += String(repeating: " ", count: (64 - unpadded % 64) % 64) + "\n"
        let count = UInt16(truncatingIfNeeded: text.utf8.count)
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(count & 0xFF), UInt8(count >> 8)] + Array(text.utf8)
    }

    private static func begin(_ path: String, _ header: [UInt8]) throws(TensorFileError) -> AtomicFile {
        do {
            var file = try AtomicFile(path: path)
            try file.append(header)
            return file
        } catch {
            throw TensorFileError(path, error)
        }
    }

    /// Add whole rows.
    ///
    /// - Throws: ``TensorFileError`` for a failed write.
    /// - Precondition: the type is that of the dtype, and the rows are whole and not more than the shape has.
    public mutating func append<Element: FixedWidthInteger>(_ integers: [Element]) throws(TensorFileError) {
        let width = spec.shape.dropFirst().reduce(1, *)
        precondition(Element.bitWidth == 8 * spec.dtype.byteCount && integers.count % max(width, 1) == 0)
        rows += integers.count / max(width, 1)
        precondition(rows <= spec.rows, "\(rows) rows of \(spec.rows)")
        var bytes: [UInt8] = []
        bytes.reserveCapacity(integers.count * spec.dtype.byteCount)
        for integer in integers {
            for shift in 0..<spec.dtype.byteCount { bytes.append(UInt8(truncatingIfNeeded: integer >> (8 * shift))) }
        }
        do {
            try file.append(bytes)
        } catch {
            throw TensorFileError(path, error)
        }
    }

    /// Give the file its name, after everything has reached the disk.
    ///
    /// - Throws: ``TensorFileError`` when rows are missing, or the system refuses.
    public consuming func finish() throws(TensorFileError) {
        guard rows == spec.rows else {
            throw TensorFileError(path: path, message: "rows \(rows)..<\(spec.rows) were never written")
        }
        let path = path
        do {
            try file.commit()
        } catch {
            throw TensorFileError(path, error)
        }
    }
}
