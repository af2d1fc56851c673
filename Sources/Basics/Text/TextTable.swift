/// An aligned table of plain text: a header row, a units row where there are units, and rows.
///
/// Every line that ``lines()`` returns has the same number of characters, so tables stay aligned whatever stands
/// before or after them.
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

        /// Create a column, of numbers unless `alignment` says otherwise.
        public init(
            _ header: String,
            unit: String = "",
            alignment: Alignment = .right,
            isExplanation: Bool = false
        ) {
            self.header = header
            self.unit = unit
            self.alignment = alignment
            self.isExplanation = isExplanation
        }
    }

    private enum Row: Equatable, Sendable {
        case cells([String])
        case rule
    }

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

    /// The table, one string per line, all of the same width; the units row is there when any column has a unit.
    ///
    /// Headers are left out when none is set, which leaves a plain aligned list.
    public func lines() -> [String] {
        let all = allRows()
        let widths = Self.widths(of: all, count: columns.count)
        return all.map { line($0, widths: widths, columns: Array(columns.indices)) }
    }

    /// The table in lines of at most `width` characters where possible: without explanations where it is too wide with
    /// them, then in parts one below the other, with an empty line between them and the first column in each.
    public func lines(width: Int) -> [String] {
        let all = allRows()
        let widths = Self.widths(of: all, count: columns.count)
        let parts = parts(widths, fitting: width)
        return Array(parts.map { part in all.map { line($0, widths: widths, columns: part) } }.joined(separator: [""]))
    }

    /// The rows of headers and units, where there are any, and all other rows.
    private func allRows() -> [Row] {
        let headers = columns.map(\.header)
        let units = columns.map(\.unit)
        var all: [Row] = []
        if headers.contains(where: { !$0.isEmpty }) { all.append(.cells(headers)) }
        if units.contains(where: { !$0.isEmpty }) { all.append(.cells(units)) }
        return all + rows
    }

    /// The indices of the columns in each part of a table that is cut to a width.
    private func parts(_ widths: [Int], fitting width: Int) -> [[Int]] {
        func isWide(_ columns: [Int]) -> Bool { Self.width(columns.map { widths[$0] }, gap: gap) > width }
        let all = Array(columns.indices)
        let needed = all.filter { !columns[$0].isExplanation }
        guard isWide(all) else { return [all] }
        guard isWide(needed), let key = needed.first else { return [needed] }
        var parts = [[key]]
        for column in needed.dropFirst() {
            if parts[parts.count - 1].count > 1 && isWide(parts[parts.count - 1] + [column]) { parts.append([key]) }
            parts[parts.count - 1].append(column)
        }
        return parts
    }

    private static func width(_ widths: [Int], gap: Int) -> Int {
        widths.reduce(0, +) + gap * max(0, widths.count - 1)
    }

    private static func widths(of rows: [Row], count: Int) -> [Int] {
        var widths = [Int](repeating: 0, count: count)
        for case .cells(let cells) in rows {
            for (column, cell) in cells.enumerated() {
                widths[column] = max(widths[column], cell.count)
            }
        }
        return widths
    }

    private func line(_ row: Row, widths: [Int], columns: [Int]) -> String {
        switch row {
        case .cells(let cells):
            let padded = columns.map { Self.pad(cells[$0], to: widths[$0], self.columns[$0].alignment) }
            return padded.joined(separator: String(repeating: " ", count: gap))
        case .rule:
            return String(repeating: "-", count: Self.width(columns.map { widths[$0] }, gap: gap))
        }
    }

    private static func pad(_ text: String, to width: Int, _ alignment: Alignment) -> String {
        let spaces = String(repeating: " ", count: width - text.count)
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
