internal import Tensors

/// The coordinator's side of the protocol, without sockets or clocks.
///
/// Each event is a method that takes the time and returns what to do. A shell feeds it messages and ticks, and carries
/// its directives out in order. After ``CoordinatorDirective/fail(_:)`` it asks for nothing more.
public struct CoordinatorProtocol: Sendable {
    private enum State: Equatable, Sendable {
        case gathering(deadline: Nanoseconds)
        case ready
        case ended
        case releasing(ranks: Set<Int>)
    }

    private let plan: ClusterPlan
    private var state: State
    private var members: [Member?]
    private var rankOfPeer: [PeerID: Int] = [:]
    /// What is under way, oldest first: at most one exchange per micro-batch.
    private var exchanges: [ExchangeProgress] = []
    /// Exchanges that have begun.
    private var begun: UInt32 = 0

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
    private var isRunning: Bool {
        switch state {
        case .gathering, .ready: true
        case .ended, .releasing: false
        }
    }

    private mutating func end(_ failure: ClusterFailure) -> [CoordinatorDirective] {
        state = .ended
        return [.fail(failure)]
    }

    private mutating func fail(_ rank: Int, _ what: String, _ advice: String) -> [CoordinatorDirective] {
        end(ClusterFailure(worker: members[rank]?.name ?? "worker \(rank)", what: what, advice: advice))
    }

    /// A worker did what the protocol does not allow.
    private mutating func breach(_ rank: Int, _ what: String) -> [CoordinatorDirective] {
        fail(rank, what, "check that it runs the same epsim as the coordinator")
    }

    private func refuse(_ peer: PeerID, _ reason: String) -> [CoordinatorDirective] {
        let control = (try? ControlCoding.encode(Notice(reason: reason))) ?? []
        let envelope = Envelope(kind: .refuse, epoch: plan.epoch, payloadBytes: UInt64(control.count))
        return [.send(Message(envelope: envelope, control: control), to: peer), .refused(peer: peer, reason: reason)]
    }
}

// MARK: Joining

extension CoordinatorProtocol {
    private mutating func join(_ message: Message, _ peer: PeerID, _ now: Nanoseconds) -> [CoordinatorDirective] {
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
    private mutating func becomeReady(_ message: Message, _ rank: Int, _ now: Nanoseconds) -> [CoordinatorDirective] {
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

    private mutating func takeFailure(_ message: Message, _ rank: Int) -> [CoordinatorDirective] {
        let notice = try? ControlCoding.decode(Notice.self, from: message.control)
        return fail(rank, "gave up: \(notice?.reason ?? "no reason given")", "mend the cause and start the run again")
    }
}

// MARK: Exchanges

extension CoordinatorProtocol {
    /// Begins an exchange; those of another micro-batch may be under way.
    ///
    /// - Precondition: the cluster is ready, and none of this micro-batch is under way.
    public mutating func begin(_ id: ExchangeID, now: Nanoseconds) {
        precondition(state == .ready, "an exchange begins when the cluster is ready")
        precondition(!exchanges.contains { $0.id.batch == id.batch }, "a layer begins when the one before is complete")
        begun &+= 1
        exchanges.append(
            ExchangeProgress(id: id, number: begun, deadline: now + plan.deadlines.layer, ranks: members.count)
        )
    }

    /// Adds work to an exchange and sends it, as far as credit allows.
    public mutating func submit(_ works: [ChunkWork], to id: ExchangeID) -> [CoordinatorDirective] {
        guard let place = place(of: id) else { return [] }
        for work in works { exchanges[place].append(work) }
        return dispatchWithinCredit()
    }

    /// True when some work of an exchange has no credit yet.
    public func isWaiting(_ id: ExchangeID) -> Bool {
        place(of: id).map { exchanges[$0].isWaiting } ?? false
    }

    /// The results of these works are not held any more; what they took of the credit is free.
    public mutating func release(_ indices: [Int], of id: ExchangeID) -> [CoordinatorDirective] {
        guard let place = place(of: id) else { return [] }
        for index in indices where exchanges[place].stages[index] == .collected {
            exchanges[place].stages[index] = .released
            members[exchanges[place].works[index].rank]?.bytesInFlight -= exchanges[place].works[index].bytes
        }
        return dispatchWithinCredit()
    }

    /// Ends an exchange whose results are all released.
    public mutating func end(_ id: ExchangeID) {
        exchanges.removeAll { $0.id == id }
    }

    private func place(of id: ExchangeID) -> Int? { exchanges.firstIndex { $0.id == id } }

    /// Hands out work as long as its rank has credit, older exchanges first. Work larger than the credit goes out alone.
    private mutating func dispatchWithinCredit() -> [CoordinatorDirective] {
        guard state == .ready else { return [] }
        return members.indices.flatMap { dispatchWithinCredit(of: $0) }
    }

    private mutating func dispatchWithinCredit(of rank: Int) -> [CoordinatorDirective] {
        var directives: [CoordinatorDirective] = []
        let credit = plan.assignments[rank].creditBytes
        for place in exchanges.indices {
            while let index = exchanges[place].nextWaiting(rank: rank), let member = members[rank] {
                let work = exchanges[place].works[index]
                guard member.bytesInFlight == 0 || member.bytesInFlight + work.bytes <= credit else {
                    return directives
                }
                exchanges[place].takeWaiting(rank: rank)
                members[rank]?.bytesInFlight += work.bytes
                let id = exchanges[place].id
                directives.append(
                    .dispatch(id, index: index, envelope: envelope(of: work, exchanges[place]), to: member.peer)
                )
            }
        }
        return directives
    }

    private func envelope(of work: ChunkWork, _ exchange: ExchangeProgress) -> Envelope {
        Envelope(
            kind: .dispatch,
            dtype: plan.assignments[work.rank].form.dispatch,
            pass: exchange.id.pass,
            epoch: plan.epoch,
            step: exchange.id.step,
            layer: exchange.id.layer,
            batch: exchange.id.batch,
            rank: UInt32(work.rank),
            chunk: UInt32(work.chunk),
            segments: UInt32(work.segments),
            rows: UInt32(work.rows),
            sentRows: UInt32(work.sentRows),
            exchange: exchange.number,
            attempt: work.attempt,
            payloadBytes: UInt64(work.dispatchBytes)
        )
    }

    private mutating func takeResult(_ envelope: Envelope, _ rank: Int) -> [CoordinatorDirective] {
        guard let place = exchanges.firstIndex(where: { $0.number == envelope.exchange }) else { return [] }
        let id = exchanges[place].id
        guard ExchangeID(envelope) == id else {
            return breach(rank, "sent a result of \(ExchangeID(envelope)), where \(id), was due")
        }
        guard let index = exchanges[place].index(rank: rank, chunk: Int(envelope.chunk)),
            exchanges[place].stages[index] != .waiting
        else {
            return breach(rank, "sent the result of a chunk \(envelope.chunk) that it was never given")
        }
        let work = exchanges[place].works[index]
        // Another attempt than the one that is out is a late answer to an earlier sending.
        guard exchanges[place].stages[index] == .sent, envelope.attempt == work.attempt else { return [] }
        let agreed = plan.assignments[rank].form.combine
        guard Int(envelope.rows) == work.rows, envelope.payloadBytes == UInt64(work.replyBytes),
            envelope.dtype == agreed
        else {
            return breach(
                rank,
                "sent \(envelope.rows) rows, \(envelope.payloadBytes) bytes of \(envelope.dtype.rawValue)"
                    + " where \(work.rows) rows, \(work.replyBytes) bytes of \(agreed.rawValue) were due"
            )
        }
        exchanges[place].stages[index] = .collected
        return [.collect(id, index: index, stamps: stampsOnOwnClock(envelope, rank))]
    }

    private mutating func stampsOnOwnClock(_ result: Envelope, _ rank: Int) -> WorkerStamps {
        guard let member = members[rank] else { return WorkerStamps(result) }
        members[rank]?.usedUncertainty = max(member.usedUncertainty, member.clock.uncertainty ?? 0)
        return WorkerStamps(result).moved(by: member.clock.offset)
    }
}

// MARK: Liveness

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

    private mutating func takePong(_ envelope: Envelope, _ rank: Int, _ now: Nanoseconds) -> [CoordinatorDirective] {
        observeClock(envelope, rank, now)
        return []
    }

    /// stamps: x the question's own, y when the worker received it, z when it answered.
    private mutating func observeClock(_ envelope: Envelope, _ rank: Int, _ now: Nanoseconds) {
        members[rank]?.clock.observe(
            sent: envelope.stamps.x,
            arrived: envelope.stamps.y,
            answered: envelope.stamps.z,
            back: now
        )
    }
}

// MARK: Release

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

    private mutating func takeBye(_ message: Message, _ peer: PeerID) -> [CoordinatorDirective] {
        guard message.envelope.kind == .bye, message.envelope.epoch == plan.epoch, let rank = rankOfPeer[peer] else {
            return []
        }
        return letGo(rank)
    }

    /// A worker has said goodbye or is gone.
    private mutating func letGo(_ rank: Int) -> [CoordinatorDirective] {
        guard case .releasing(var ranks) = state, ranks.remove(rank) != nil else { return [] }
        state = ranks.isEmpty ? .ended : .releasing(ranks: ranks)
        return ranks.isEmpty ? [.released] : []
    }
}
