/// What the coordinator's shell has to do next.
public enum CoordinatorDirective: Equatable, Sendable {
    /// Send a control message.
    case send(Message, to: PeerID)
    /// Send work `index` of an exchange under this header.
    case dispatch(ExchangeID, index: Int, envelope: Envelope, to: PeerID)
    /// Take the rows of the message at hand as the result of work `index`; stamps are on the coordinator's clock.
    case collect(ExchangeID, index: Int, stamps: WorkerStamps)
    /// Every worker is ready.
    case clusterReady
    /// Every worker knows that the run is over, or is gone.
    case released
    /// Something was not accepted; nothing else suffers.
    case refused(peer: PeerID, reason: String)
    /// The run cannot go on.
    case fail(ClusterFailure)
}
