/// The coordinator's side of the protocol, without sockets or clocks.
///
/// Each event is a method that takes the time and returns what to do. A shell feeds it messages and ticks, and carries
/// its directives out in order. After ``CoordinatorDirective/fail(_:)`` it asks for nothing more.
public struct CoordinatorProtocol: Sendable {
    enum State: Equatable, Sendable {
        case gathering(deadline: Nanoseconds)
        case ready
        case ended
        case releasing(ranks: Set<Int>)
    }

    let plan: ClusterPlan
    var state: State
    var members: [Member?]
    var rankOfPeer: [PeerID: Int] = [:]
    /// What is under way, oldest first: at most one exchange per micro-batch.
    var exchanges: [ExchangeProgress] = []

    /// Begins to wait for workers.
    public init(plan: ClusterPlan, now: Nanoseconds) {
        self.plan = plan
        state = .gathering(deadline: now + plan.deadlines.start)
        members = [Member?](repeating: nil, count: plan.assignments.count)
    }

    /// The workers that have joined, by rank.
    public var joined: [Member] { members.compactMap { $0 } }

    /// Workers that are ready.
    public var readyCount: Int { joined.count { $0.ready != nil } }

    /// A message arrived whose header could be read.
    public mutating func received(_ message: Message, from peer: PeerID, now: Nanoseconds) -> [CoordinatorDirective] {
        if case .releasing = state { return takeBye(message, peer) }
        guard state != .ended else { return [] }
        // Any message is a sign of life, not only the answer to a ping.
        if let rank = rankOfPeer[peer] { members[rank]?.unansweredPings = 0 }
        if message.envelope.kind == .hello { return join(message, peer, now) }
        guard let rank = rankOfPeer[peer] else {
            return refuse(peer, "a \(message.envelope.kind) before a hello")
        }
        guard message.envelope.epoch == plan.epoch else { return [] }
        switch message.envelope.kind {
        case .ready: return becomeReady(message, rank, now)
        case .pong: return takePong(message.envelope, rank, now)
        case .result: return takeResult(message.envelope, rank)
        case .failed: return takeFailure(message, rank)
        case .bye: return breach(rank, "said goodbye before it was released")
        default: return breach(rank, "sent a \(message.envelope.kind), which only a coordinator sends")
        }
    }

    /// A peer sent something that is no message of ours.
    public mutating func receivedGarbage(_ reason: String, from peer: PeerID) -> [CoordinatorDirective] {
        guard isRunning else { return [] }
        guard let rank = rankOfPeer[peer] else { return refuse(peer, reason) }
        return breach(rank, "sent \(reason)")
    }

    /// The socket could not reach a peer.
    public mutating func unreachable(_ peer: PeerID) -> [CoordinatorDirective] {
        guard let rank = rankOfPeer[peer] else { return [] }
        guard isRunning else { return letGo(rank) }
        return fail(rank, "is gone: its connection closed", "see its log, or start it again")
    }

    /// A worker process of this machine ended.
    public mutating func workerExited(rank: Int, how: String) -> [CoordinatorDirective] {
        guard isRunning else { return letGo(rank) }
        let name = members[rank]?.name ?? "worker \(rank)"
        return end(ClusterFailure(worker: name, what: how, advice: "see its log, or start the run again"))
    }

    /// False once the run has ended, one way or another.
    var isRunning: Bool {
        switch state {
        case .gathering, .ready: true
        case .ended, .releasing: false
        }
    }

    mutating func end(_ failure: ClusterFailure) -> [CoordinatorDirective] {
        state = .ended
        return [.fail(failure)]
    }

    mutating func fail(_ rank: Int, _ what: String, _ advice: String) -> [CoordinatorDirective] {
        end(ClusterFailure(worker: members[rank]?.name ?? "worker \(rank)", what: what, advice: advice))
    }

    /// A worker did what the protocol does not allow.
    mutating func breach(_ rank: Int, _ what: String) -> [CoordinatorDirective] {
        fail(rank, what, "check that it runs the same epsim as the coordinator")
    }

    func refuse(_ peer: PeerID, _ reason: String) -> [CoordinatorDirective] {
        let control = (try? ControlCoding.encode(Notice(reason: reason))) ?? []
        let envelope = Envelope(kind: .refuse, epoch: plan.epoch, payloadBytes: UInt64(control.count))
        return [.send(Message(envelope: envelope, control: control), to: peer), .refused(peer: peer, reason: reason)]
    }
}
