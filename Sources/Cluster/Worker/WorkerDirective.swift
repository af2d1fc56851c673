/// A task for the worker's shell.
public enum WorkerDirective: Equatable, Sendable {
    /// Send a control message.
    case send(Message)
    /// Put the weights of this assignment in place, then call `loaded` or `failed`.
    case load(Assignment)
    /// Close the socket and dial again under a fresh routing id.
    case redial
    /// End the process: nil when all is well, else with the reason.
    case exit(reason: String?)
}

/// A task for the worker's shell that concerns rows that have arrived.
public enum WorkerRowsDirective: Equatable, Sendable {
    /// Compute them, then call `computed`.
    case compute(Envelope, BatchLayout)
    /// Drop them, and do this.
    case others([WorkerDirective])
}
