extension String {
    /// The text without the byte order mark at its beginning, which editors on Windows write.
    public var withoutByteOrderMark: String {
        unicodeScalars.first == "\u{FEFF}" ? String(String.UnicodeScalarView(unicodeScalars.dropFirst())) : self
    }
}

extension Collection<UInt8> {
    /// The UTF-8 text without the byte order mark at its beginning.
    public var withoutByteOrderMark: SubSequence {
        let mark = "\u{FEFF}".utf8
        return dropFirst(starts(with: mark) ? mark.count : 0)
    }
}
