import Glibc

/// What the operating system says about files and folders.
enum SystemCall {
    /// The failure of the last call, in its words, for example
    /// `cannot create 'runs/x/report.json.partial': No space left on device`.
    static func error(_ action: String, _ path: String) -> ReportError {
        let reason = unsafe String(cString: strerror(errno))
        return ReportError(.file, "cannot \(action) '\(Printable.text(path))': \(reason)")
    }

    /// Makes a folder; one that is there already is an error.
    static func makeFolder(_ path: String) throws(ReportError) {
        guard unsafe mkdir(path, 0o755) == 0 else { throw error("create folder", path) }
    }

    /// Makes a folder and those above it, as far as they are missing.
    static func makeFolders(_ path: String) throws(ReportError) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += made.isEmpty || made.hasSuffix("/") ? part : "/" + part
            guard unsafe mkdir(made, 0o755) == 0 || errno == EEXIST else { throw error("create folder", made) }
        }
        guard isFolder(path) else { throw ReportError(.file, "'\(Printable.text(path))' is not a folder") }
    }

    /// Brings the names in a folder to disk.
    static func flushFolder(_ path: String) throws(ReportError) {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw error("open folder", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw error("flush folder", path) }
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return false }
        return status.st_mode & S_IFMT == S_IFDIR
    }
}
