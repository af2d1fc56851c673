import Glibc

/// Keeps a folder for one process; the system lets go of it however that process ends.
struct FolderLock: ~Copyable {
    private let descriptor: CInt

    private init(descriptor: CInt) {
        self.descriptor = descriptor
    }

    /// Takes a folder.
    ///
    /// - Throws: ``ReportError`` when another process has it, or it cannot be opened.
    static func take(_ path: String) throws(ReportError) -> FolderLock {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemCall.error("open folder", path) }
        let lock = FolderLock(descriptor: descriptor)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            guard errno == EWOULDBLOCK else { throw SystemCall.error("lock folder", path) }
            throw ReportError(.file, "another sweep is at work in '\(Printable.text(path))'")
        }
        return lock
    }

    deinit {
        close(descriptor)
    }
}
