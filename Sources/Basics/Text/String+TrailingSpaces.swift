extension String {
    /// The text up to its last character that is no space.
    public var withoutTrailingSpaces: String {
        String(reversed().drop { $0 == " " }.reversed())
    }
}
