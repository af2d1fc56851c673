/// Why a page could not be looked at.
public struct BrowserError: Error, CustomStringConvertible {
    /// The reason.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
