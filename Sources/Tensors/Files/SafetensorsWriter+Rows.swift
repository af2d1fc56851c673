import Basics
import Foundation

extension SafetensorsWriter {
    /// Writes whole rows of real numbers, beginning with row `row`; BF16 is rounded to nearest even.
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

    /// Writes whole rows of integers, beginning with row `row`.
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

    /// Rows of a declared tensor.
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
