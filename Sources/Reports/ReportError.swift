public import Basics
import FoundationEssentials

/// An error in making, reading or writing a report.
public struct ReportError: DescribedError, Equatable {
    /// The kind of a failure, for callers that choose an exit code by it.
    public enum Code: String, Equatable, Sendable {
        /// A requirement that the user wrote cannot be read.
        case requirement
        /// The records contradict the description of the run.
        case record
        /// A file or folder is missing, cannot be read or written, or does not hold what it must.
        case file
        /// A report could not be turned into JSON, or back.
        case json
    }

    /// The kind of failure.
    public let code: Code
    /// One sentence: what was found, where, and what is allowed.
    public let description: String

    /// An error of the given kind with its sentence.
    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
