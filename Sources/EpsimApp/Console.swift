import Foundation
import Logging
import Synchronization

/// The output of the program: results on standard output, everything else on standard error.
public enum Console {
    /// True when standard error is a terminal that can redraw a line.
    static let showsProgress = isatty(STDERR_FILENO) == 1 && environment("TERM") != "dumb"

    /// True when standard output is a terminal.
    static let isOnTerminal = isatty(STDOUT_FILENO) == 1

    /// True when standard output is a terminal that can redraw lines.
    static let redrawsOutput = isOnTerminal && environment("TERM") != "dumb"

    /// True when standard output should be coloured.
    static let usesColor: Bool = {
        if environment("NO_COLOR").map({ !$0.isEmpty }) == true { return false }
        if environment("FORCE_COLOR").map({ !$0.isEmpty && $0 != "0" }) == true { return true }
        return isOnTerminal && environment("TERM") != "dumb"
    }()

    /// The number of columns of the terminal on standard output, or 120 when standard output is no terminal.
    static let width: Int = {
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 120 }
        return Int(size.ws_col)
    }()

    /// Print a result. When standard output cannot be written (a full disk, say), the program ends with code 1.
    public static func print(_ text: String) {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data((text.hasSuffix("\n") ? text : text + "\n").utf8))
        } catch {
            note("epsim: standard output cannot be written: \(error.localizedDescription)")
            exit(EXIT_FAILURE)
        }
    }

    /// Print a reference: as text where standard output is a terminal, else as Markdown for a document.
    public static func print(markdown: () -> String, text: (_ width: Int) -> String) {
        print(isOnTerminal ? text(width) : markdown())
    }

    /// Print a message for the person at the terminal.
    public static func note(_ text: String) {
        write(text + "\n")
    }

    /// Write a text to standard error; a failed write is ignored, since nobody is left to be told.
    static func write(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }

    /// Make a logger that writes to standard error.
    static func log(_ label: String, level: Logger.Level) -> Logger {
        var logger = Logger(label: label) { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = level
        return logger
    }

    private static func environment(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name]
    }
}
