/// The form of a value in YAML.
public enum ValueForm: Equatable, Sendable {
    /// A number or a boolean: never in quotes.
    case bare
    /// Text, in quotes or not.
    case text
    /// Text in which commas separate values; also a YAML list of these.
    case list
    /// Text that names a file or folder; a relative one starts at the file that holds it, or at the working directory.
    case path
    /// Text that names something, or a file where it has a slash or ends in .yaml; such a path starts as others do.
    case nameOrPath
}
