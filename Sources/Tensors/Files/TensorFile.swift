import Basics

/// A file that holds named tensors.
public protocol TensorFile: Sendable {
    /// The file, as the caller named it.
    var path: String { get }
    /// The tensors, in the order in which their data stand in the file.
    var names: [String] { get }

    /// One tensor, without reading its data.
    ///
    /// - Throws: ``TensorFileError`` that lists what the file holds when there is no tensor of that name.
    func tensor(named name: String) throws(TensorFileError) -> TensorView
}

extension TensorFile {
    /// The error for a name that the file does not hold.
    func noTensor(named name: String) -> TensorFileError {
        TensorFileError(path: path, message: "holds no tensor \(Quoted.text(name)); it holds \(Quoted.list(names))")
    }
}

/// Opens a tensor file of the format that its extension names: `.safetensors` or `.npy`.
///
/// - Throws: ``TensorFileError`` for another extension, and whatever is wrong with the file.
public func openTensorFile(_ path: String) throws(TensorFileError) -> any TensorFile {
    if path.hasSuffix(".safetensors") { return try SafetensorsFile(path: path) }
    if path.hasSuffix(".npy") { return try NpyFile(path: path) }
    throw TensorFileError(path: path, message: "is not named as a tensor file; allowed are .safetensors and .npy")
}
