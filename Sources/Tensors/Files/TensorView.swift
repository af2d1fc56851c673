/// One tensor of an open file, read row by row; it keeps the file mapped.
///
/// A row is everything under one index of the first dimension.
public struct TensorView: Sendable {
    /// Name, element type and shape.
    public let spec: TensorSpec
    let file: MappedFile
    let byteOffset: Int

    /// A tensor whose data begin at `byteOffset` of the file.
    ///
    /// - Precondition: the caller has checked that `spec.byteCount` is not nil and lies within the file.
    init(spec: TensorSpec, file: MappedFile, byteOffset: Int) {
        self.spec = spec
        self.file = file
        self.byteOffset = byteOffset
    }

    /// The name in the file.
    public var name: String { spec.name }
    /// The file's path.
    public var path: String { file.path }
    /// The type of the elements.
    public var dtype: DType { spec.dtype }
    /// Elements per dimension.
    public var shape: [Int] { spec.shape }
    /// Size of the first dimension; 1 for a single number.
    public var rows: Int { spec.rows }
    /// Elements in one row.
    public var elementsPerRow: Int { shape.dropFirst().reduce(1, *) }

    /// An error about this tensor.
    public func error(_ message: String) -> TensorFileError {
        TensorFileError(path: path, tensor: name, message: message)
    }
}
