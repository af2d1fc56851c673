/// What the coordinator's shell has to do next.
public enum CoordinatorDirective: Equatable, Sendable {
    /// Send a control message.
    case send(Message, to: PeerID)
    /// Send chunk `index` of the layer under this header.
    case dispatch(index: Int, envelope: Envelope, to: PeerID)
    /// Take the rows of the message at hand as the result of chunk `index`; stamps are on the coordinator's clock.
    case collect(index: Int, stamps: WorkerStamps)
    /// Every worker is ready.
    case clusterReady
    /// Every result of the layer has been collected.
    case layerComplete
    /// Every worker knows that the run is over, or is gone.
    case released
    /// Something was not accepted; nothing else suffers.
    case refused(peer: PeerID, reason: String)
    /// The run cannot go on.
    case fail(ClusterFailure)
}
