internal import CZeroMQ

/// libzmq's context: its I/O thread and all sockets of the process. A process that has one must not fork
/// without starting another program at once.
@safe
public final class MessageContext {
    let handle: UnsafeMutableRawPointer

    /// Opens a context.
    public init() throws(TransportError) {
        guard let context = unsafe zmq_ctx_new() else { throw TransportError.last("ctx_new") }
        unsafe handle = context
    }

    /// Closes it; sockets must be closed before. Their linger bounds the wait.
    deinit {
        unsafe zmq_ctx_term(handle)
    }
}
