/// The reader of comma-separated values (RFC 4180), as ``CSVField`` writes them.
///
/// Not SwiftCSV, which knows no lines to name in errors and no comments, takes a quote that nothing closes, and drops
/// blanks before a field.
public enum CSVReader {
    /// One row of a file.
    public struct Row: Equatable, Sendable {
        /// The line of the text on which the row begins, counted from 1.
        public let line: Int
        /// The fields of the row, at least one.
        public let fields: [String]

        /// Create a row.
        public init(line: Int, fields: [String]) {
            self.line = line
            self.fields = fields
        }
    }

    /// The error of a text that ends within quotes.
    public struct OpenQuote: DescribedError, Equatable {
        /// The line of the text on which the row with the quote begins, counted from 1.
        public let line: Int

        /// Create the error of a line.
        public init(line: Int) { self.line = line }

        /// The error as the end of a sentence that begins with the name of the text.
        public var description: String { "has a quote in the row of line \(line) that nothing closes" }
    }

    /// The rows of a text, whose lines end in LF, CR LF or CR. Empty lines are left out, as is a byte-order mark in front of the first row. A quote within
    /// a field that does not begin with one stands for itself.
    ///
    /// - Parameter skipsComments: true to leave out lines that begin with `#`.
    ///
    /// - Throws: ``OpenQuote`` where the text ends within quotes.
    public static func rows(of text: String, skipsComments: Bool = false) throws(OpenQuote) -> [Row] {
        var rows: [Row] = []
        var fields: [String] = []
        var field: [UInt8] = []
        var isQuoted = false
        var wasQuote = false
        var isComment = false
        var (line, start) = (1, 1)
        func end(_ byte: UInt8) {
            fields.append(String(decoding: field, as: UTF8.self))
            field = []
            guard byte == 0x0A else { return }
            if fields != [""] && !isComment { rows.append(Row(line: start, fields: fields)) }
            fields = []
            isComment = false
            start = line
        }
        var wasReturn = false
        for given in text.withoutByteOrderMark.utf8 {
            // A carriage return alone ends a line, too, as in files of old Macs; a line feed behind one ends no other.
            let isSecond = given == 0x0A && wasReturn
            wasReturn = given == 0x0D && !isQuoted
            if isSecond { continue }
            let byte = wasReturn ? 0x0A : given
            if byte == 0x0A { line += 1 }
            if isQuoted && byte != UInt8(ascii: "\"") {
                field.append(byte)
            } else if byte == UInt8(ascii: "\"") && !isComment && (isQuoted || wasQuote || field.isEmpty) {
                // A quote that ended the field and comes again stands for itself.
                if !isQuoted && wasQuote { field.append(byte) }
                isQuoted.toggle()
                wasQuote = !isQuoted
                continue
            } else if byte == UInt8(ascii: ",") || byte == 0x0A {
                end(byte)
            } else {
                isComment = isComment || skipsComments && byte == UInt8(ascii: "#") && field.isEmpty && fields.isEmpty
                field.append(byte)
            }
            wasQuote = false
        }
        guard !isQuoted else { throw OpenQuote(line: start) }
        if !field.isEmpty || !fields.isEmpty { end(0x0A) }
        return rows
    }
}

/// A field of a comma-separated file (RFC 4180).
public enum CSVField {
    /// The text unchanged, or in quotes where it holds a comma, a quote or a line break.
    public static func text(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            byte != UInt8(ascii: ",") && byte != UInt8(ascii: "\"") && byte != 0x0A && byte != 0x0D
        }
        return isPlain ? text : "\"\(text.replacing("\"", with: "\"\""))\""
    }

    /// Texts as a row, ended by a line feed.
    public static func row(_ texts: [String]) -> String {
        texts.map(text).joined(separator: ",") + "\n"
    }
}
