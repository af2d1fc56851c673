internal import CZeroMQ
internal import Foundation

/// Waits for messages on a socket, or for a wake-up.
public enum Poller {
    /// Returns when a message has arrived, a wake-up was signalled or the time is over.
    ///
    /// - Parameters:
    ///   - socket: belongs to the calling thread.
    ///   - wakeup: cleared before the return.
    ///   - milliseconds: 0 returns at once.
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
