import Basics
public import Tensors

/// The reason for which a workload cannot be opened or cannot give the tokens of a step.
public struct WorkloadError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The file, as the caller named it.
    public let file: String
    /// What was found and what is allowed, with the tensor where one is meant.
    public let message: String

    /// An error about a file.
    public init(file: String, message: String) {
        self.file = file
        self.message = message
    }

    /// An error of the tensor file that the workload reads.
    public init(_ error: TensorFileError) {
        file = error.path
        message = (error.tensor.map { "tensor \(Quoted.text($0)): " } ?? "") + error.message
    }

    /// File and message on one line.
    public var description: String { "\(file): \(message)" }
}
