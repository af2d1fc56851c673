import Glibc

/// Folders by their paths.
public enum Folder {
    /// Makes a folder; one that is there already is an error.
    public static func make(_ path: String) throws(FileError) {
        guard unsafe mkdir(path, 0o755) == 0 else { throw FileError("create folder", path) }
    }

    /// Makes a folder and those above it, as far as they are missing.
    public static func makeAll(_ path: String) throws(FileError) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += made.isEmpty || made.hasSuffix("/") ? part : "/" + part
            guard unsafe mkdir(made, 0o755) == 0 || errno == EEXIST else { throw FileError("create folder", made) }
        }
        guard isFolder(path) else { throw FileError("create folder", path, reason: SystemReason.text(ENOTDIR)) }
    }

    /// Brings the names in a folder to disk, as far as that can be asked for: a folder that may only be written to, and a file
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
