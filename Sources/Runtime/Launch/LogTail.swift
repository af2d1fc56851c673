internal import Foundation

/// The end of a log, cut to a length that fits an error.
enum LogTail {
    private static let lines = 3
    private static let width = 300
    /// The most bytes of a log's end that are read.
    static let bytes = 16 << 10

    /// The text at the end of a file; nothing where it cannot be read.
    static func text(of path: String) -> String {
        guard let file = FileHandle(forReadingAtPath: path) else { return "" }
        defer { try? file.close() }
        guard let end = try? file.seekToEnd() else { return "" }
        try? file.seek(toOffset: end > UInt64(bytes) ? end - UInt64(bytes) : 0)
        return String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
    }

    /// The last lines, to stand behind a sentence; nothing where there are none.
    static func words(_ lines: [Substring]) -> String {
        guard !lines.isEmpty else { return "" }
        return ": " + lines.suffix(Self.lines).map { String($0.prefix(width)) }.joined(separator: " | ")
    }
}
