/// Reads comma-separated values (RFC 4180), as ``CSVField`` writes them.
public enum CSVReader {
    /// The rows with their fields; empty lines are none.
    public static func rows(of text: String) -> [[String]] {
        var rows: [[String]] = []
        var row: [String] = []
        var field: [UInt8] = []
        var isQuoted = false
        var wasQuote = false
        func end(_ byte: UInt8) {
            row.append(String(decoding: field, as: UTF8.self))
            field = []
            guard byte == 0x0A else { return }
            if row != [""] { rows.append(row) }
            row = []
        }
        for byte in text.utf8 {
            if isQuoted && byte != UInt8(ascii: "\"") {
                field.append(byte)
            } else if byte == UInt8(ascii: "\"") {
                // A quote that ended the field and comes again stands for itself.
                if !isQuoted && wasQuote { field.append(byte) }
                isQuoted.toggle()
                wasQuote = !isQuoted
                continue
            } else if byte == UInt8(ascii: ",") || byte == 0x0A {
                end(byte)
            } else if byte != 0x0D {
                field.append(byte)
            }
            wasQuote = false
        }
        if !field.isEmpty || !row.isEmpty { end(0x0A) }
        return rows
    }
}
