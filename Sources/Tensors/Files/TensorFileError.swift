import Basics

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

    /// An error of the operating system: what was tried, and the text of `code` (an `errno`).
    init(path: String, action: String, code: Int32) {
        self.init(path: path, message: "\(action): \(SystemReason.text(code))")
    }

    /// An error of a file that is written.
    init(_ path: String, _ error: FileError) {
        self.init(path: path, message: "cannot be \(error.action == "create" ? "created" : "written"): \(error.reason)")
    }

    /// File, tensor and sentence on one line.
    public var description: String {
        "\(path): " + (tensor.map { "tensor \(Quoted.text($0)): " } ?? "") + message
    }
}
