/// Operations on paths as text. They do not look at the file system, so `..` stays: behind a symbolic link only the
/// system knows its meaning.
public enum PathText {
    /// True where a text that may be a name or a path is a path: it has a slash, or ends in `.yaml`, `.yml` or `.json`.
    public static func isPath(_ name: String) -> Bool {
        name.contains("/") || [".yaml", ".yml", ".json"].contains { name.hasSuffix($0) }
    }

    /// The absolute form of a path that starts at a folder.
    public static func absolute(_ path: String, in directory: String) -> String {
        if path.hasPrefix("/") {
            return path
        }
        var relative = path[...]
        while relative.hasPrefix("./") {
            relative = relative.dropFirst(2)
        }
        if relative.isEmpty || relative == "." {
            return directory
        }
        return directory == "/" ? "/\(relative)" : "\(directory)/\(relative)"
    }
}
