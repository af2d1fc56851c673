import Glibc

/// Keeps a folder for one process; the system lets go of it however that process ends.
public struct FolderLock: ~Copyable {
    private let descriptor: CInt

    private init(descriptor: CInt) {
        self.descriptor = descriptor
    }

    /// Takes a folder; nil where another process has it and does not let go of it for some seconds.
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
