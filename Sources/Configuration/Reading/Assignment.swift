/// One value that a source gives to one setting, as text that the setting takes.
struct Assignment: Equatable, Sendable {
    let key: String
    /// For a path: absolute.
    let text: String
    let origin: Origin
}
