/// Paths as text. Nothing here looks at the file system, so `..` stays: behind a symbolic link only the system knows
/// what it means.
public enum PathText {
    /// True for a path where a name could stand as well: with a slash, or of a YAML file.
    public static func isPath(_ name: String) -> Bool { name.contains("/") || name.hasSuffix(".yaml") }

    /// A path that does not depend on the working directory.
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
