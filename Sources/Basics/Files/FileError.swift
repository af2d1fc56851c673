import Glibc

/// A failure that is told in one sentence: its description.
public protocol DescribedError: Error, CustomStringConvertible {}

/// What could not be done with a file or folder, for example
/// `cannot create 'runs/x/report.json.partial': No space left on device`.
public struct FileError: DescribedError, Equatable {
    /// What was tried, for example `create`.
    public let action: String
    /// With what.
    public let path: String
    /// Why it failed, in the system's words.
    public let reason: String

    /// A failure; without a reason, that of the last call of the system.
    public init(_ action: String, _ path: String, reason: String? = nil) {
        self.reason = reason ?? SystemReason.last
        self.action = action
        self.path = path
    }

    /// One sentence.
    public var description: String { "cannot \(action) '\(Printable.text(path))': \(reason)" }
}

/// The reasons that the operating system gives for failed calls.
public enum SystemReason {
    /// The failure of the last call of this thread.
    public static var last: String { text(errno) }

    /// The text of an `errno`, for example `No space left on device`.
    public static func text(_ code: Int32) -> String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }
}
