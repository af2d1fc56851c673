import Foundation
import TestSupport
import Testing

/// A pseudo-terminal: what a process writes to its far end can be read here, and what is typed here is its input.
final class Terminal {
    /// The end that a process has.
    let farEnd: FileHandle
    /// Everything that was written so far.
    private(set) var text = ""
    private let nearEnd: Int32

    /// TIOCSPTLCK and TIOCGPTN of Linux, which are macros that Swift cannot read.
    private static let setLock: UInt = 0x4004_5431
    private static let getNumber: UInt = 0x8004_5430

    /// Opens a terminal.
    ///
    /// - Parameter columns: its width in characters, or 0 for one that says nothing of its size.
    init(columns: UInt16 = 0) throws {
        let near = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY)
        var number: Int32 = -1
        var locked: Int32 = 0
        guard near >= 0, unsafe ioctl(near, Self.setLock, &locked) == 0,
            unsafe ioctl(near, Self.getNumber, &number) == 0
        else { throw TestTrouble("no pseudo-terminal: errno \(errno)") }
        let far = unsafe open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
        guard far >= 0 else { throw TestTrouble("the pseudo-terminal cannot be opened: errno \(errno)") }
        var size = winsize()
        size.ws_col = columns
        guard unsafe ioctl(near, UInt(TIOCSWINSZ), &size) == 0 else { throw TestTrouble("no size: errno \(errno)") }
        _ = fcntl(near, F_SETFL, O_NONBLOCK)
        _ = fcntl(near, F_SETFD, FD_CLOEXEC)
        nearEnd = near
        farEnd = FileHandle(fileDescriptor: far, closeOnDealloc: true)
    }

    deinit {
        close(nearEnd)
    }

    /// Types a short text, as a person does.
    func type(_ text: String) {
        let bytes = Array(text.utf8)
        let count = unsafe write(nearEnd, bytes, bytes.count)
        if count != bytes.count { Issue.record("the terminal takes no text") }
    }

    /// Reads what has been written since; a terminal that nobody reads stops its writer.
    func drain() {
        var bytes = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe read(nearEnd, &bytes, bytes.count)
            guard count > 0 else { return }
            text += String(decoding: bytes[..<count], as: UTF8.self)
        }
    }
}
