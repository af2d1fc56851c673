/// The encodings of texts: UTF-8 is read, and others are told by their first bytes.
public enum TextEncoding {
    /// The bytes that ``foreign(_:)`` looks at.
    public static let headByteCount = 4

    /// The encoding of a text that is not UTF-8, by its byte order mark or by the zeros of its first characters; nil for
    /// UTF-8, and for what cannot be told.
    ///
    /// The patterns are those by which JSON told its encodings (RFC 4627, section 3): the first characters of what is
    /// read here are ASCII.
    ///
    /// - Parameter head: the beginning of the text, ``headByteCount`` bytes where it has so many.
    public static func foreign(_ head: some Collection<UInt8>) -> String? {
        let head = Array(head.prefix(headByteCount))
        if head.starts(with: [0xFF, 0xFE, 0, 0]) || head == [0, 0, 0xFE, 0xFF] { return "UTF-32" }
        if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) { return "UTF-16" }
        let zeros = head.map { $0 == 0 }
        switch zeros {
        case [true, true, true, false], [false, true, true, true]: return "UTF-32"
        case [true, false, true, false], [false, true, false, true], [true, false], [false, true]: return "UTF-16"
        // A first character that is ASCII, and a second one that is not.
        case [false, true, false, false], [true, false, false, false]: return "UTF-16"
        default: return nil
        }
    }

    /// The fault of a text of another encoding, as the end of a sentence that begins with its name; nil for UTF-8.
    public static func fault(_ head: some Collection<UInt8>) -> String? {
        foreign(head).map { "is \($0) text, allowed: UTF-8" }
    }
}
