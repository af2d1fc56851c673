internal import CZeroMQ
internal import Foundation

/// The wait of a thread for a message on a socket, or for a wake-up.
public enum Poller {
    /// Return when a message has arrived, a wake-up was signalled or the time is over.
    ///
    /// - Parameters:
    ///   - socket: the socket to wait on; it belongs to the calling thread.
    ///   - wakeup: the wake-up that also ends the wait, or nil; cleared before the return.
    ///   - milliseconds: the longest wait; 0 returns at once.
    public static func wait(_ socket: Socket, _ wakeup: Wakeup?, milliseconds: Int) throws(TransportError) {
        var items = unsafe [
            zmq_pollitem_t(socket: socket.handle, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0),
            zmq_pollitem_t(socket: nil, fd: wakeup?.descriptor ?? -1, events: Int16(ZMQ_POLLIN), revents: 0),
        ]
        let count: Int32 = wakeup == nil ? 1 : 2
        guard unsafe zmq_poll(&items, count, milliseconds) >= 0 || zmq_errno() == EINTR else {
            throw TransportError.last("poll")
        }
        if unsafe items[1].revents != 0 { wakeup?.clear() }
    }
}

/// A wake-up from another thread for a thread that waits in ``Poller``: a pipe that both ends use without blocking.
public final class Wakeup: Sendable {
    let descriptor: Int32
    private let writeEnd: Int32

    /// Open the pipe.
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

    /// End the current or the next wait. A full pipe means that a wake-up is pending already.
    public func signal() {
        var byte: UInt8 = 1
        _ = unsafe write(writeEnd, &byte, 1)
    }

    /// Forget all wake-ups that were signalled so far.
    func clear() {
        var bytes = [UInt8](repeating: 0, count: 256)
        while unsafe read(descriptor, &bytes, bytes.count) == bytes.count {}
    }
}
