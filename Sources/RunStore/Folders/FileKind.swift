internal import Glibc

/// What stands under a name; symbolic links are not followed.
enum FileKind: Equatable {
    case folder
    case file
    case link
    case other

    /// What a path leads to, or nil where there is nothing.
    static func of(_ path: String) -> FileKind? {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return .folder
        case S_IFREG: return .file
        case S_IFLNK: return .link
        default: return .other
        }
    }
}
