import Basics

/// A file that holds named tensors.
public protocol TensorFile: Sendable {
    /// The file, as the caller named it.
    var path: String { get }
    /// The names of the tensors, in the order in which their data stand in the file.
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

/// Open a tensor file of the format that its extension names, in letters of either case: `.safetensors`, `.npy`, `.npz`, or `.pt` or `.pth` of
/// PyTorch.
///
/// - Throws: ``TensorFileError`` for another extension, and whatever is wrong with the file.
public func openTensorFile(_ path: String) throws(TensorFileError) -> any TensorFile {
    let name = path.lowercased()
    if name.hasSuffix(".safetensors") { return try SafetensorsFile(path: path) }
    if name.hasSuffix(".npy") { return try NpyFile(path: path) }
    if name.hasSuffix(".npz") { return try NpzFile(path: path) }
    if name.hasSuffix(".pt") || name.hasSuffix(".pth") { return try TorchFile(path: path) }
    let allowed = ".safetensors, .npy, .npz, .pt and .pth"
    throw TensorFileError(path: path, message: "is not named as a tensor file; allowed are \(allowed)")
}

/// The reason for which a tensor file cannot be read or written.
public struct TensorFileError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The file, as the caller named it.
    public let path: String
    /// The tensor in question, or nil when the whole file is meant.
    public let tensor: String?
    /// One sentence: what was found and what is allowed.
    public let message: String

    /// An error about a file, or about one tensor of it.
    public init(path: String, tensor: String? = nil, message: String) {
        self.path = path
        self.tensor = tensor
        self.message = message
    }

    /// An error of the operating system: the action that failed, and the text of `code` (an `errno`).
    init(path: String, action: String, code: Int32) {
        self.init(path: path, message: "\(action): \(SystemReason.text(code))")
    }

    /// Create the error of a tensor file from an error in writing the file.
    init(_ path: String, _ error: FileError) {
        self.init(path: path, message: "cannot be \(error.action == "create" ? "created" : "written"): \(error.reason)")
    }

    /// File, tensor and sentence on one line.
    public var description: String {
        "\(path): " + (tensor.map { "tensor \(Quoted.text($0)): " } ?? "") + message
    }
}
