extension String {
    /// The text without the byte order mark at its beginning, which editors on Windows write.
    public var withoutByteOrderMark: String {
        unicodeScalars.first == "\u{FEFF}" ? String(String.UnicodeScalarView(unicodeScalars.dropFirst())) : self
    }
}
