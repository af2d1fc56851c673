import Glibc

/// Keeps a folder for one process; the system lets go of it however that process ends.
public struct FolderLock: ~Copyable {
    private let descriptor: CInt

    private init(descriptor: CInt) {
        self.descriptor = descriptor
    }

    /// Takes a folder; nil where another process has it.
    public static func take(_ path: String) throws(FileError) -> FolderLock? {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open folder", path) }
        let lock = FolderLock(descriptor: descriptor)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            guard errno == EWOULDBLOCK else { throw FileError("lock folder", path) }
            return nil
        }
        return lock
    }

    deinit {
        close(descriptor)
    }
}
