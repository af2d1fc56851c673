public import Basics
import Cluster
internal import Transport

/// A coordinator's socket that listens already, before anything else of the run exists.
public struct Listener {
    let socket: RouterSocket

    /// Where it listens, with the port filled in.
    public var endpoint: Endpoint { socket.endpoint }
}
