import Basics
internal import Tensors

/// The reason for which weights cannot be taken from a checkpoint.
public struct CheckpointError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The file or folder, as the caller named it.
    public let path: String
    /// The tensor in question, or nil when the whole checkpoint is meant.
    public let tensor: String?
    /// One sentence: what was found and what is allowed.
    public let message: String

    /// An error about a checkpoint, or about one tensor of it.
    public init(path: String, tensor: String? = nil, message: String) {
        self.path = path
        self.tensor = tensor
        self.message = message
    }

    /// The same for an error of one of its files.
    init(_ error: TensorFileError) {
        self.init(path: error.path, tensor: error.tensor, message: error.message)
    }

    /// Path, tensor and sentence on one line.
    public var description: String {
        "\(path): " + (tensor.map { "tensor \(Quoted.text($0)): " } ?? "") + message
    }
}
