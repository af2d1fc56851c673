import Basics
public import FoundationEssentials

/// The name of a run and of its folder: the UTC second at which it began and a short suffix that tells apart runs of
/// the same second, for example `20250131T120000Z-3fa9c1`.
public struct RunID: Equatable, Hashable, Sendable, CustomStringConvertible {
    /// The most characters in a run id.
    public static let maximumLength = 100

    /// The id as text.
    public let description: String

    /// An id that someone wrote, for example one read back from a report.
    ///
    /// - Throws: ``ReportError`` unless it has 1 to ``maximumLength`` ASCII letters, digits, `-`, `_` or `.` and does
    ///   not begin with `.`: it names a folder and stands unquoted in CSV files.
    public init(_ text: String) throws(ReportError) {
        let allowed = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == 0x2D || byte == 0x5F || byte == 0x2E
        }
        guard allowed, (1...Self.maximumLength).contains(text.utf8.count), !text.hasPrefix(".") else {
            throw ReportError(
                .file,
                "run id '\(Printable.text(text))' cannot name a folder: allowed are 1 to \(Self.maximumLength) "
                    + "letters, digits, '-', '_' and '.', not beginning with '.'"
            )
        }
        description = text
    }

    /// The id of a run that began at `start`.
    ///
    /// - Throws: ``ReportError`` when `suffix` holds anything but letters, digits, `-`, `_` and `.`.
    public init(start: Date, suffix: String) throws(ReportError) {
        try self.init("\(start.formatted(Self.style))-\(suffix)")
    }

    /// The id of a run that began at `start`, unlike that of any other.
    public static func unique(start: Date) throws(ReportError) -> RunID {
        try RunID(start: start, suffix: Hexadecimal.random())
    }

    private static let style = Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted)
}
