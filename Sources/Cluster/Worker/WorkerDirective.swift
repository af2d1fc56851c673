/// What a worker's shell has to do next.
public enum WorkerDirective: Equatable, Sendable {
    /// Send a control message.
    case send(Message)
    /// Put the weights of this assignment in place, then call `loaded` or `loadFailed`.
    case load(Assignment)
    /// Compute the batch at hand, then call `computed`.
    case compute(Envelope, BatchLayout)
    /// Send the result of a batch under this header; the shell fills in `stamps.w` when it hands it over.
    case sendResult(Envelope)
    /// Close the socket and dial again under a fresh routing id.
    case redial
    /// End the process: nil when all is well, else with the reason.
    case exit(reason: String?)
}
