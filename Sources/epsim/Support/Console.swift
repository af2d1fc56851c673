import Foundation
import Logging
import Synchronization

/// Where results and messages go: results to standard output, everything else to standard error.
enum Console {
    /// True when standard error is a terminal that can redraw a line.
    static let showsProgress = isatty(STDERR_FILENO) == 1 && environment("TERM") != "dumb"

    /// True when standard output should be coloured.
    static let usesColor: Bool = {
        if environment("NO_COLOR").map({ !$0.isEmpty }) == true { return false }
        if environment("FORCE_COLOR").map({ !$0.isEmpty && $0 != "0" }) == true { return true }
        return isatty(STDOUT_FILENO) == 1 && environment("TERM") != "dumb"
    }()

    /// Columns of the terminal on standard output, or 120 when it is none.
    static let width: Int = {
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 120 }
        return Int(size.ws_col)
    }()

    /// Prints a result.
    static func print(_ text: String) {
        FileHandle.standardOutput.write(Data((text.hasSuffix("\n") ? text : text + "\n").utf8))
    }

    /// Prints a message for the person at the terminal.
    static func note(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }

    /// A logger on standard error.
    static func log(_ label: String, level: Logger.Level) -> Logger {
        var logger = Logger(label: label) { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = level
        return logger
    }

    private static func environment(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name]
    }
}
