import Glibc

/// Folders by their paths.
public enum Folder {
    /// Make a folder; one that is there already is an error.
    public static func make(_ path: String) throws(FileError) {
        guard unsafe mkdir(path, 0o755) == 0 else { throw FileError("create folder", path) }
    }

    /// Make a folder and those above it, as far as they are missing.
    public static func makeAll(_ path: String) throws(FileError) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += made.isEmpty || made.hasSuffix("/") ? part : "/" + part
            guard unsafe mkdir(made, 0o755) == 0 || errno == EEXIST else { throw FileError("create folder", made) }
        }
        guard isFolder(path) else { throw FileError("create folder", path, reason: SystemReason.text(ENOTDIR)) }
    }

    /// Bring the names in a folder to disk, as far as that can be asked for: a folder that may only be written to, and a file
    /// system that does not know this, bring them there in their own time.
    public static func flush(_ path: String) throws(FileError) {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == EACCES { return }
            throw FileError("open folder", path)
        }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP else {
            throw FileError("flush folder", path)
        }
    }

    /// The folder that a file lies in.
    public static func of(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return false }
        return status.st_mode & S_IFMT == S_IFDIR
    }
}

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

/// Keeps a folder for one process; the system lets go of it however that process ends.
public struct FolderLock: ~Copyable {
    private let descriptor: CInt

    private init(descriptor: CInt) {
        self.descriptor = descriptor
    }

    /// Take a folder; nil where another process has it and does not let go of it for some seconds.
    public static func take(_ path: String, waiting seconds: Double = 0) throws(FileError) -> FolderLock? {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open folder", path) }
        let lock = FolderLock(descriptor: descriptor)
        let deadline = ContinuousClock.now + .seconds(seconds)
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else { throw FileError("lock folder", path) }
            guard ContinuousClock.now < deadline else { return nil }
            usleep(10_000)
        }
        return lock
    }

    deinit {
        close(descriptor)
    }
}
