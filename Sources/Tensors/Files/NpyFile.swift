import Basics

/// A NumPy `.npy` file, opened for reading: one tensor, named after the file without its extension.
public struct NpyFile: TensorFile {
    private let view: TensorView

    /// The name of the file's one tensor.
    public var names: [String] { [view.name] }
    /// The file, as the caller named it.
    public var path: String { view.path }

    /// Map a file and check its header; no data are read.
    ///
    /// - Throws: ``TensorFileError`` when the file cannot be opened or its header is not right.
    public init(path: String) throws(TensorFileError) {
        let name = String(path.split(separator: "/").last?.dropLast(".npy".count) ?? "")
        let file = try MappedFile(path: path)
        view = try NpyHeader.tensor(named: name, in: file, at: 0..<file.byteCount)
    }

    /// Check the header of a file that is in memory.
    ///
    /// - Parameters:
    ///   - bytes: the whole file.
    ///   - name: the name of its tensor.
    ///   - path: the file from which the bytes come.
    /// - Throws: ``TensorFileError`` when the header is not right.
    public init(bytes: [UInt8], named name: String, from path: String) throws(TensorFileError) {
        let file = try unsafe MappedFile(memory: bytes.count, for: path) { unsafe $0.copyBytes(from: bytes) }
        view = try NpyHeader.tensor(named: name, in: file, at: 0..<file.byteCount)
    }

    /// The tensor, without reading its data.
    ///
    /// - Throws: ``TensorFileError`` when `name` is not the one name.
    public func tensor(named name: String) throws(TensorFileError) -> TensorView {
        guard name == view.name else { throw noTensor(named: name) }
        return view
    }
}

/// The header of a `.npy` file: element type, shape, and the place where the data begin.
///
/// The format is the magic `\x93NUMPY`, a version (1.0, 2.0 or 3.0), the little-endian length of the header in 2 bytes
/// (version 1) or 4, then a Python dictionary with the keys `descr`, `fortran_order` and `shape`. Source:
/// numpy.lib.format in the NumPy reference.
struct NpyHeader: Equatable {
    /// Bytes before the dictionary in versions 2 and 3.
    static let longestPrefix = 12
    /// Upper limit of the length of a dictionary that is read, in bytes; NumPy writes fewer than 200 for a plain array.
    static let maximumByteCount = 1 << 16

    let dtype: DType
    let shape: [Int]
    /// Bytes of the file in front of the data.
    let dataStart: Int

    /// Parse the header at the beginning of a `.npy` file.
    ///
    /// - Parameters:
    ///   - head: at least the whole header, if the file has that much.
    ///   - path: the file's name in errors.
    init(head: [UInt8], path: String) throws(TensorFileError) {
        let dictionary = try Self.dictionaryRange(head, path: path)
        var parser = PythonLiteralParser(head[dictionary], path: path)
        let fields = try parser.dictionary()
        dtype = try Self.dtype(fields["descr"], path: path)
        guard fields["fortran_order"] == .boolean(false) else {
            let found = fields["fortran_order"] == .boolean(true) ? "is in Fortran order" : "has no fortran_order"
            let message = "\(found); C order is needed: save numpy.ascontiguousarray(array)"
            throw TensorFileError(path: path, message: message)
        }
        guard case .tuple(let shape)? = fields["shape"] else {
            throw TensorFileError(path: path, message: "its header has no shape that is a tuple of whole numbers")
        }
        self.shape = shape
        dataStart = dictionary.upperBound
    }

    /// The bytes of the file that hold the dictionary.
    private static func dictionaryRange(_ head: [UInt8], path: String) throws(TensorFileError) -> Range<Int> {
        guard head.starts(with: Array("\u{93}NUMPY".unicodeScalars.map { UInt8($0.value) })), head.count >= 10 else {
            throw TensorFileError(path: path, message: "is not a .npy file: it does not begin with \\x93NUMPY")
        }
        guard (1...3).contains(head[6]), head[7] == 0 else {
            let message = "has .npy version \(head[6]).\(head[7]); versions 1.0, 2.0 and 3.0 are read"
            throw TensorFileError(path: path, message: message)
        }
        let start = head[6] == 1 ? 10 : longestPrefix
        let length = head[8..<min(start, head.count)].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length <= maximumByteCount else {
            let message = "says that its header has \(length) bytes; at most \(maximumByteCount) are allowed"
            throw TensorFileError(path: path, message: message)
        }
        guard head.count >= start + length else {
            let message = "says that its header has \(length) bytes, but the file ends after \(head.count) bytes"
            throw TensorFileError(path: path, message: message)
        }
        return start..<start + length
    }

    /// The tensor of a `.npy` file that stands in some bytes of another.
    static func tensor(
        named name: String,
        in file: MappedFile,
        at range: Range<Int>
    ) throws(TensorFileError) -> TensorView {
        let longest = longestPrefix + maximumByteCount
        let head = file.bytes(in: range.lowerBound..<range.lowerBound + min(longest, range.count))
        let header = try NpyHeader(head: head, path: file.path)
        let spec = TensorSpec(name: name, dtype: header.dtype, shape: header.shape)
        guard let byteCount = spec.byteCount else {
            throw TensorFileError(path: file.path, message: "shape \(header.shape) is negative or too large")
        }
        guard range.count - header.dataStart == byteCount else {
            let found = "holds \(range.count - header.dataStart) bytes of data"
            let needed = "shape \(header.shape) of \(header.dtype.rawValue) needs \(byteCount)"
            throw TensorFileError(path: file.path, message: "\(found); \(needed)")
        }
        return TensorView(spec: spec, file: file, byteOffset: range.lowerBound + header.dataStart)
    }

    private static let dtypes: [String: DType] = [
        "<f8": .f64, "<f4": .f32, "<f2": .f16, "<i8": .i64, "<i4": .i32, "<i2": .i16, "|i1": .i8,
        "<u8": .u64, "<u4": .u32, "<u2": .u16, "|u1": .u8, "|b1": .bool,
    ]

    private static func dtype(_ descr: PythonLiteral?, path: String) throws(TensorFileError) -> DType {
        func failure(_ found: String) -> TensorFileError {
            let allowed = dtypes.keys.sorted().joined(separator: " ")
            return TensorFileError(path: path, message: "\(found); allowed are \(allowed)")
        }
        guard case .string(let text)? = descr else { throw failure("its header has no descr that is a string") }
        if let dtype = dtypes[text] { return dtype }
        if text.hasPrefix(">") { throw failure("descr \(Quoted.text(text)) is big-endian") }
        if text.hasPrefix("|O") { throw failure("descr \(Quoted.text(text)) holds Python objects, not numbers") }
        throw failure("descr \(Quoted.text(text)) is not known")
    }
}
