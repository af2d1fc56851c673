import Glibc

/// Operations on folders by their paths.
public enum Folder {
    /// Make a folder; an existing one is an error.
    public static func make(_ path: String) throws(FileError) {
        guard unsafe mkdir(path, 0o755) == 0 else { throw FileError("create folder", path) }
    }

    /// Make a folder and the missing folders above it.
    public static func makeAll(_ path: String) throws(FileError) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += made.isEmpty || made.hasSuffix("/") ? part : "/" + part
            guard unsafe mkdir(made, 0o755) == 0 || errno == EEXIST else { throw FileError("create folder", made) }
        }
        guard isFolder(path) else { throw FileError("create folder", path, reason: SystemReason.text(ENOTDIR)) }
    }

    /// Flush the names in a folder to disk, as far as the system can: where the folder may only be written to, or the
    /// file system does not support this, the names reach the disk later.
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

    /// The path of the folder that holds a file.
    public static func of(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The last component of a path.
    public static func name(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return false }
        return status.st_mode & S_IFMT == S_IFDIR
    }
}

/// An error whose description is one sentence.
public protocol DescribedError: Error, CustomStringConvertible {}

/// A failed operation on a file or folder, for example
/// `cannot create 'runs/x/report.json.partial': No space left on device`.
public struct FileError: DescribedError, Equatable {
    /// The operation that failed, for example `create`.
    public let action: String
    /// The path of the file or folder.
    public let path: String
    /// The reason of the failure, in the system's words.
    public let reason: String

    /// Create an error; where no reason is given, it is that of this thread's last system call.
    public init(_ action: String, _ path: String, reason: String? = nil) {
        self.reason = reason ?? SystemReason.last
        self.action = action
        self.path = path
    }

    /// The failure in one sentence.
    public var description: String { "cannot \(action) '\(Printable.text(path))': \(reason)" }
}

/// The reasons that the operating system gives for failed calls.
public enum SystemReason {
    /// The reason of the failure of this thread's last system call.
    public static var last: String { text(errno) }

    /// The text of an `errno`, for example `No space left on device`.
    public static func text(_ code: Int32) -> String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }
}

/// The lock of one process on a folder; the system releases it however that process ends.
public struct FolderLock: ~Copyable {
    private let descriptor: CInt

    private init(descriptor: CInt) {
        self.descriptor = descriptor
    }

    /// Lock a folder, or return nil where another process holds the lock for longer than some seconds.
    ///
    /// - Parameter seconds: the time to wait for the other process.
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
