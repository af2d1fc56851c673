/// An aligned table of plain text: a header row, a units row where there are units, and rows.
///
/// No line ends in spaces.
///
/// Not the package TextTable, which has neither a units row nor lines of a limited width: it cuts cells instead.
public struct TextTable: Equatable, Sendable {
    /// The side of a column at which its cells stand.
    public enum Alignment: Equatable, Sendable {
        /// The left side, for text.
        case left
        /// The right side, for numbers.
        case right
    }

    /// One column of the table.
    public struct Column: Equatable, Sendable {
        /// The word above the column.
        public var header: String
        /// The unit of the numbers, or the empty text.
        public var unit: String
        /// The side at which the cells stand.
        public var alignment: Alignment
        /// True for an explanation, which is left out where the table would be too wide with it.
        public var isExplanation: Bool

        /// True for a text that is broken between words where the table would be too wide with it.
        public var isWrapped: Bool

        /// Create a column, of numbers unless `alignment` says otherwise.
        public init(
            _ header: String,
            unit: String = "",
            alignment: Alignment = .right,
            isExplanation: Bool = false,
            isWrapped: Bool = false
        ) {
            self.header = header
            self.unit = unit
            self.alignment = alignment
            self.isExplanation = isExplanation
            self.isWrapped = isWrapped
        }
    }

    private enum Row: Equatable, Sendable {
        case cells([String])
        case rule
    }

    /// The fewest characters of a column whose texts are broken.
    private static let narrowest = 24

    /// The columns, from left to right.
    public let columns: [Column]
    /// The number of spaces between two columns.
    public let gap: Int
    private var rows: [Row] = []

    /// Create a table without rows.
    ///
    /// - Precondition: `gap` is not negative.
    public init(columns: [Column], gap: Int = 2) {
        precondition(gap >= 0, "the gap between columns is a number of spaces")
        self.columns = columns
        self.gap = gap
    }

    /// Add a row below the others.
    ///
    /// - Precondition: `cells` has one cell per column.
    public mutating func append(_ cells: [String]) {
        precondition(cells.count == columns.count, "a row has one cell per column")
        rows.append(.cells(cells))
    }

    /// Add a line of dashes below the rows so far.
    public mutating func appendRule() {
        rows.append(.rule)
    }

    /// The table, one string per line; the units row is there when any column has a unit.
    ///
    /// Headers are left out when none is set, which leaves a plain aligned list.
    public func lines() -> [String] {
        lines(of: Array(columns.indices), widths: widths())
    }

    /// The table in lines of at most `width` characters where possible.
    ///
    /// Texts that may be are broken into lines; then explanations are left out, the last one first; then the table is
    /// cut into parts, one below the other, with an empty line between them and the first column in each.
    public func lines(width: Int) -> [String] {
        let widths = widths()
        let parts = parts(widths, fitting: width).map { part in
            lines(of: part, widths: fitted(widths, of: part, to: width))
        }
        return Array(parts.joined(separator: [""]))
    }

    /// The lines of some columns: headers and units, where one of these columns has any, and all rows.
    private func lines(of part: [Int], widths: [Int]) -> [String] {
        let heads = [columns.map(\.header), columns.map(\.unit)].filter { head in part.contains { !head[$0].isEmpty } }
        return (heads.map { .cells($0) } + rows).flatMap { lines(of: $0, part, widths: widths) }
    }

    /// The indices of the columns in each part of a table that is cut to a width.
    private func parts(_ widths: [Int], fitting width: Int) -> [[Int]] {
        func isWide(_ part: [Int]) -> Bool { Self.width(part.map { least(widths, $0) }, gap: gap) > width }
        var shown = Array(columns.indices)
        while isWide(shown), let last = shown.last(where: { columns[$0].isExplanation }) {
            shown.removeAll { $0 == last }
        }
        guard isWide(shown), let key = shown.first else { return [shown] }
        var parts = [[key]]
        for column in shown.dropFirst() {
            if parts[parts.count - 1].count > 1 && isWide(parts[parts.count - 1] + [column]) { parts.append([key]) }
            parts[parts.count - 1].append(column)
        }
        return parts
    }

    /// The smallest width that a column may be given.
    private func least(_ widths: [Int], _ column: Int) -> Int {
        columns[column].isWrapped ? min(widths[column], Self.narrowest) : widths[column]
    }

    /// The widths, where those of texts that may be broken are as small as `width` demands.
    private func fitted(_ widths: [Int], of part: [Int], to width: Int) -> [Int] {
        var widths = widths
        for column in part.reversed() where columns[column].isWrapped {
            let excess = Self.width(part.map { widths[$0] }, gap: gap) - width
            widths[column] = max(least(widths, column), widths[column] - max(0, excess))
        }
        return widths
    }

    private static func width(_ widths: [Int], gap: Int) -> Int {
        widths.reduce(0, +) + gap * max(0, widths.count - 1)
    }

    /// The characters of the widest cell of each column.
    private func widths() -> [Int] {
        var widths = columns.map { max($0.header.count, $0.unit.count) }
        for case .cells(let cells) in rows {
            for (column, cell) in cells.enumerated() { widths[column] = max(widths[column], cell.count) }
        }
        return widths
    }

    private func lines(of row: Row, _ part: [Int], widths: [Int]) -> [String] {
        switch row {
        case .cells(let cells):
            let pieces = part.map { column in
                cells[column].count > widths[column]
                    ? LineWrap.lines(cells[column], width: widths[column], continuation: "") : [cells[column]]
            }
            return (0..<(pieces.map(\.count).max() ?? 0)).map { line in
                let padded = zip(part, pieces).map { column, pieces in
                    Self.pad(line < pieces.count ? pieces[line] : "", to: widths[column], columns[column].alignment)
                }
                return padded.joined(separator: String(repeating: " ", count: gap)).withoutTrailingSpaces
            }
        case .rule:
            return [String(repeating: "-", count: Self.width(part.map { widths[$0] }, gap: gap))]
        }
    }

    private static func pad(_ text: String, to width: Int, _ alignment: Alignment) -> String {
        let spaces = String(repeating: " ", count: max(0, width - text.count))
        return alignment == .left ? text + spaces : spaces + text
    }
}

/// Functions that break long lines between words.
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

extension String {
    /// The text up to its last character that is no space.
    public var withoutTrailingSpaces: String {
        String(reversed().drop { $0 == " " }.reversed())
    }
}

/// Tables in Markdown.
public enum MarkdownTable {
    /// A table with one line per row; a bar inside a cell is escaped.
    public static func text(_ columns: [String], rows: [[String]]) -> String {
        let border = "|" + columns.map { _ in "---|" }.joined()
        return ([line(columns), border] + rows.map(line)).map { "\($0)\n" }.joined()
    }

    private static func line(_ cells: [String]) -> String {
        "| \(cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ")) |"
    }
}
