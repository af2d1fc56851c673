/// Comma-separated values: a header and rows, each with its line.
///
/// Cells may stand in double quotes, with a doubled one for a quote (RFC 4180); they may not hold line breaks. Empty
/// lines, and lines that begin with `#`, are left out.
struct CommaSeparated: Equatable {
    struct Line: Equatable {
        let number: Int
        let cells: [String]
    }

    let lines: [Line]

    init(_ text: String) {
        // Files from elsewhere may begin with a byte-order mark.
        let plain = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        let all = plain.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        lines = all.enumerated().compactMap { index, line in
            let isEmpty = line.allSatisfy(\.isWhitespace)
            return isEmpty || line.first == "#" ? nil : Line(number: index + 1, cells: Self.cells(of: line))
        }
    }

    private static func cells(of line: Substring) -> [String] {
        var cells = [""]
        var isQuoted = false
        var wasQuote = false
        for character in line {
            let isQuote = character == "\""
            switch (character, isQuoted) {
            case ("\"", true): isQuoted = false
            case ("\"", false):
                // The second of two quotes within quotes.
                if wasQuote { cells[cells.count - 1].append(character) }
                isQuoted = true
            case (",", false): cells.append("")
            default: cells[cells.count - 1].append(character)
            }
            wasQuote = isQuote && !isQuoted
        }
        return cells.map { cell in
            let start = cell.drop { $0.isWhitespace }
            return String(start.reversed().drop { $0.isWhitespace }.reversed())
        }
    }
}
