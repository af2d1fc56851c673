/// A field of a comma-separated file (RFC 4180).
public enum CSVField {
    /// The text as it is, or in quotes where it holds what separates fields or rows.
    public static func text(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            byte != UInt8(ascii: ",") && byte != UInt8(ascii: "\"") && byte != 0x0A && byte != 0x0D
        }
        return isPlain ? text : "\"\(text.replacing("\"", with: "\"\""))\""
    }
}
