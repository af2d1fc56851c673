extension CoordinatorProtocol {
    /// Time has passed. The shell calls this after it has read every message that had arrived.
    public mutating func tick(now: Nanoseconds) -> [CoordinatorDirective] {
        guard isRunning else { return [] }
        if let lost = firstLostMember(now) {
            let silence = plan.deadlines.heartbeat * ClusterPlan.liveness
            return fail(
                lost,
                "does not answer: no heartbeat for \(silence.seconds) s",
                "check whether it is stopped or its host is overloaded (cluster.heartbeat_seconds)"
            )
        }
        if let failure = missedDeadline(now) { return end(failure) }
        return pings(now)
    }

    /// Pings are counted, not the time since the first: a coordinator that was itself away for long has sent few of
    /// them, and the answers may still be on their way through its own socket.
    private func firstLostMember(_ now: Nanoseconds) -> Int? {
        joined.first { member in
            member.unansweredPings >= ClusterPlan.liveness && now - member.lastPing >= plan.deadlines.heartbeat
        }?.rank
    }

    private func missedDeadline(_ now: Nanoseconds) -> ClusterFailure? {
        switch state {
        case .gathering(let deadline) where now > deadline:
            let late = members.indices.filter { members[$0]?.ready == nil }
            return ClusterFailure(
                worker: nil,
                what: "\(readyCount) of \(members.count) workers were ready after \(plan.deadlines.start.seconds) s; "
                    + "missing: " + late.map { members[$0]?.name ?? "worker \($0)" }.joined(separator: ", "),
                advice: "check that they run and find the coordinator, or allow more time (cluster.start_seconds)"
            )
        case .ready:
            return exchanges.lazy.compactMap { missedDeadline(of: $0, now) }.first
        default:
            return nil
        }
    }

    private func missedDeadline(of exchange: ExchangeProgress, _ now: Nanoseconds) -> ClusterFailure? {
        guard now > exchange.deadline else { return nil }
        let late = Set(zip(exchange.works, exchange.stages).filter { $1 == .waiting || $1 == .sent }.map(\.0.rank))
        guard !late.isEmpty else { return nil }
        return ClusterFailure(
            worker: late.sorted().map { members[$0]?.name ?? "worker \($0)" }.joined(separator: ", "),
            what: "did not return layer \(exchange.id.layer) of step \(exchange.id.step) within "
                + "\(plan.deadlines.layer.seconds) s",
            advice: "allow more time (cluster.layer_seconds) or make the step smaller"
        )
    }

    private mutating func pings(_ now: Nanoseconds) -> [CoordinatorDirective] {
        var directives: [CoordinatorDirective] = []
        for rank in members.indices {
            guard let member = members[rank], now - member.lastPing >= plan.deadlines.heartbeat else { continue }
            members[rank]?.lastPing = now
            members[rank]?.unansweredPings += 1
            let envelope = Envelope(
                kind: .ping,
                epoch: plan.epoch,
                rank: UInt32(rank),
                stamps: SIMD4(now, 0, 0, 0)
            )
            directives.append(.send(Message(envelope: envelope), to: member.peer))
        }
        return directives
    }

    mutating func takePong(_ envelope: Envelope, _ rank: Int, _ now: Nanoseconds) -> [CoordinatorDirective] {
        observeClock(envelope, rank, now)
        return []
    }

    /// stamps: x the question's own, y when the worker received it, z when it answered.
    mutating func observeClock(_ envelope: Envelope, _ rank: Int, _ now: Nanoseconds) {
        members[rank]?.clock.observe(
            sent: envelope.stamps.x,
            arrived: envelope.stamps.y,
            answered: envelope.stamps.z,
            back: now
        )
    }
}
