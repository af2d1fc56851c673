internal import Foundation

/// Wakes a thread that waits in ``Poller`` from another thread: a pipe that both ends use without blocking.
public final class Wakeup: Sendable {
    let descriptor: Int32
    private let writeEnd: Int32

    /// Opens the pipe.
    public init() throws(TransportError) {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { throw TransportError("pipe: \(TransportError.reason(errno))") }
        (descriptor, writeEnd) = (ends[0], ends[1])
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
    }

    deinit {
        close(descriptor)
        close(writeEnd)
    }

    /// Ends the current or the next wait. A full pipe means that a wake-up is pending already.
    public func signal() {
        var byte: UInt8 = 1
        _ = unsafe write(writeEnd, &byte, 1)
    }

    /// Forgets the signals so far.
    func clear() {
        var bytes = [UInt8](repeating: 0, count: 256)
        while unsafe read(descriptor, &bytes, bytes.count) == bytes.count {}
    }
}
