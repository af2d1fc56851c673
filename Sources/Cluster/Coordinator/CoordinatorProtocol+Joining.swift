extension CoordinatorProtocol {
    mutating func join(_ message: Message, _ peer: PeerID, _ now: Nanoseconds) -> [CoordinatorDirective] {
        if let rank = rankOfPeer[peer] {
            return members[rank]?.ready == nil ? assign(rank, peer, now) : []
        }
        do {
            let hello = try ControlCoding.decode(Hello.self, from: message.control)
            guard case .gathering = state else { return refuse(peer, "the run has all its workers") }
            let rank = try freeRank(wanted: hello.rank)
            let sharesClock = hello.bootID == plan.bootID && !plan.bootID.isEmpty
            members[rank] = Member(peer: peer, rank: rank, hello: hello, sharesClock: sharesClock, now: now)
            rankOfPeer[peer] = rank
            return assign(rank, peer, now)
        } catch {
            return refuse(peer, error.description)
        }
    }

    private func freeRank(wanted: Int?) throws(WireError) -> Int {
        if let wanted {
            guard members.indices.contains(wanted) else {
                throw WireError("rank \(wanted) in a run of \(members.count) workers")
            }
            guard members[wanted] == nil else { throw WireError("rank \(wanted) is taken") }
            return wanted
        }
        guard let free = members.firstIndex(where: { $0 == nil }) else {
            throw WireError("the run has all its \(members.count) workers")
        }
        return free
    }

    private mutating func assign(_ rank: Int, _ peer: PeerID, _ now: Nanoseconds) -> [CoordinatorDirective] {
        do {
            let control = try ControlCoding.encode(plan.assignments[rank])
            let envelope = Envelope(
                kind: .assign,
                epoch: plan.epoch,
                rank: UInt32(rank),
                payloadBytes: UInt64(control.count),
                stamps: SIMD4(now, 0, 0, 0)
            )
            return [.send(Message(envelope: envelope, control: control), to: peer)]
        } catch {
            return fail(rank, "cannot be told its experts: \(error)", "make the model smaller")
        }
    }

    /// Being ready answers the assignment, and so is the first round trip that the clocks are compared by.
    mutating func becomeReady(_ message: Message, _ rank: Int, _ now: Nanoseconds) -> [CoordinatorDirective] {
        guard case .gathering = state else { return [] }
        observeClock(message.envelope, rank, now)
        do {
            members[rank]?.ready = try ControlCoding.decode(Ready.self, from: message.control)
        } catch {
            return breach(rank, "sent \(error)")
        }
        guard readyCount == members.count else { return [] }
        state = .ready
        return [.clusterReady]
    }

    mutating func takeFailure(_ message: Message, _ rank: Int) -> [CoordinatorDirective] {
        let notice = try? ControlCoding.decode(Notice.self, from: message.control)
        return fail(rank, "gave up: \(notice?.reason ?? "no reason given")", "mend the cause and start the run again")
    }
}
