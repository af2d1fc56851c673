import Foundation

/// One line on standard error that is redrawn; nothing when that is not a terminal.
public final class StatusLine {
    /// Redraws at most this often, in seconds.
    private static let pause = 0.1

    private let isShown: Bool
    private var lastDrawn = Date.distantPast
    private var isDrawn = false

    public init(isShown: Bool) {
        self.isShown = isShown && Console.showsProgress
    }

    /// Shows a text in place of the last one, unless that has only just been drawn.
    public func show(_ text: @autoclosure () -> String?) {
        guard isShown, Date().timeIntervalSince(lastDrawn) >= Self.pause, let text = text() else { return }
        lastDrawn = Date()
        draw(text)
    }

    /// Takes the line away.
    public func end() {
        guard isDrawn else { return }
        draw("")
        isDrawn = false
    }

    private func draw(_ text: String) {
        // Back to the first column, then clear to the end of the line.
        Console.write("\r\u{1B}[K\(text)")
        isDrawn = true
    }
}
