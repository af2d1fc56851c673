import Foundation
import Monitor
import Synchronization

/// A block of lines on a terminal that is redrawn in its place. The cursor stands below the block and is never hidden,
/// so that no end of the program can leave a terminal changed.
final class Screen: Sendable {
    private let descriptor: Int32
    private let drawn = Mutex(0)

    /// Create a screen on the terminal of a file descriptor.
    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// The size of the terminal now, and whether the locale allows block characters.
    var options: LiveBlock.Options {
        var size = winsize()
        _ = unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size)
        return LiveBlock.Options(width: Int(size.ws_col), height: Int(size.ws_row), unicode: Self.showsUnicode)
    }

    /// Draw lines in place of those that were drawn before.
    func draw(_ lines: [String]) {
        drawn.withLock { drawn in
            // Up to the first line, then each line anew, and nothing of what was below.
            let up = drawn > 0 ? "\u{1B}[\(drawn)A" : ""
            write("\r" + up + lines.map { $0 + "\u{1B}[K\n" }.joined() + "\u{1B}[J")
            drawn = lines.count
        }
    }

    /// Erase the lines.
    func clear() { draw([]) }

    private func write(_ text: String) {
        try? FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).write(contentsOf: Data(text.utf8))
    }

    /// True when the locale is UTF-8: of `LC_ALL`, `LC_CTYPE` and `LANG`, the first that is set decides (locale(7)).
    private static let showsUnicode: Bool = {
        let environment = ProcessInfo.processInfo.environment
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        return locale.lowercased().contains("utf-8") || locale.lowercased().contains("utf8")
    }()
}
