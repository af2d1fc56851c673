/// Long lines broken between words.
public enum LineWrap {
    /// `text` in lines of at most `width` characters, the first after `prefix`, the others after `continuation`.
    ///
    /// A word longer than a line keeps a line of its own, uncut, so that paths can be copied.
    public static func lines(_ text: String, width: Int, prefix: String = "", continuation: String = "  ") -> [String] {
        var lines: [String] = []
        var line = prefix
        var isEmpty = true
        for word in text.split(separator: " ") {
            if !isEmpty && line.count + 1 + word.count > width {
                lines.append(line)
                line = continuation
                isEmpty = true
            }
            line += isEmpty ? word : " " + word
            isEmpty = false
        }
        return lines + [line]
    }
}
