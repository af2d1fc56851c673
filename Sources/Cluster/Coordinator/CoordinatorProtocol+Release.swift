extension CoordinatorProtocol {
    /// Tells every worker that the run is over, also after a failure.
    ///
    /// - Returns: the messages; ``CoordinatorDirective/released`` follows when all have answered or are gone.
    public mutating func release() -> [CoordinatorDirective] {
        guard !joined.isEmpty else {
            state = .ended
            return [.released]
        }
        state = .releasing(ranks: Set(joined.map(\.rank)))
        return joined.map { member in
            let envelope = Envelope(kind: .release, epoch: plan.epoch, rank: UInt32(member.rank))
            return .send(Message(envelope: envelope), to: member.peer)
        }
    }

    mutating func takeBye(_ message: Message, _ peer: PeerID) -> [CoordinatorDirective] {
        guard message.envelope.kind == .bye, message.envelope.epoch == plan.epoch, let rank = rankOfPeer[peer] else {
            return []
        }
        return letGo(rank)
    }

    /// A worker has said goodbye or is gone.
    mutating func letGo(_ rank: Int) -> [CoordinatorDirective] {
        guard case .releasing(var ranks) = state, ranks.remove(rank) != nil else { return [] }
        state = ranks.isEmpty ? .ended : .releasing(ranks: ranks)
        return ranks.isEmpty ? [.released] : []
    }
}
