/// A type whose keys in JSON are described.
///
/// Keys that are figures need no description of their own: the catalogue has it.
public protocol KeyMeanings {
    /// What each key is, by the key in snake case.
    static var meanings: [String: String] { get }
}
