internal import Basics
import Tensors

/// The coordinator's side of the protocol, without sockets or clocks: it tracks which workers have joined and are
/// alive, and turns the work of a ``StepMachine`` into messages.
///
/// Each event is a method that returns directives, and takes the time where that matters. A shell feeds it messages and
/// ticks, does what ``next`` says, and carries directives out in order. After ``CoordinatorDirective/fail(_:)`` it asks
/// for nothing more.
///
/// `Chunk` is the handle by which the shell knows the payloads of a chunk.
public struct CoordinatorProtocol<Chunk> {
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
    private var steps: StepMachine<Chunk>
    private var slotMoves: SlotMoves

    /// Begin to wait for workers.
    public init(plan: ClusterPlan, now: Nanoseconds) {
        self.plan = plan
        state = .gathering(deadline: now + plan.deadlines.start)
        members = [Member?](repeating: nil, count: plan.assignments.count)
        slotMoves = SlotMoves(ranks: plan.assignments.count, patience: plan.deadlines.start)
        steps = StepMachine(
            StepBounds(
                credits: plan.assignments.map(\.creditBytes),
                patience: plan.deadlines.layer,
                hasOwnExperts: plan.hasOwnExperts
            )
        )
    }

    /// The workers that have joined, by rank.
    public var joined: [Member] { members.compactMap { $0 } }

    /// The number of workers that are ready.
    public var readyCount: Int { joined.count { $0.ready != nil } }

    /// Handle a control message from a peer.
    public mutating func received(_ message: Message, from peer: PeerID, now: Nanoseconds) -> [CoordinatorDirective] {
        if case .releasing = state { return takeBye(message, peer) }
        guard state != .ended else { return [] }
        noteLife(of: peer)
        if message.envelope.kind == .hello { return join(message, peer, now) }
        guard let rank = rankOfPeer[peer] else {
            return refuse(peer, "a message of kind \(message.envelope.kind) before a hello")
        }
        guard message.envelope.epoch == plan.epoch else { return [] }
        switch message.envelope.kind {
        case .ready: return becomeReady(message, rank, now)
        case .pong: return takePong(message.envelope, rank, now)
        case .failed: return takeFailure(message, rank)
        case .away: return takeAbsence(message.envelope, rank)
        case .prepared: return takePrepared(message, rank)
        case .bye: return breach(rank, "said goodbye before it was released")
        default: return breach(rank, "sent a message of kind \(message.envelope.kind), which only a coordinator sends")
        }
    }

    /// Handle the header of a message with rows from a peer.
    public mutating func received(rows header: Envelope, from peer: PeerID) -> RowsDirective<Chunk> {
        guard isRunning else { return .others([]) }
        noteLife(of: peer)
        guard let rank = rankOfPeer[peer] else {
            return .others(refuse(peer, "a message of kind \(header.kind) before a hello"))
        }
        guard header.epoch == plan.epoch else { return .others([]) }
        guard header.kind == .result else {
            return .others(breach(rank, "sent a message of kind \(header.kind), which only a coordinator sends"))
        }
        return takeResult(header, rank)
    }

    /// Note that a peer is alive: any message counts, not only the answer to a ping.
    private mutating func noteLife(of peer: PeerID) {
        if let rank = rankOfPeer[peer] { members[rank]?.unansweredPings = 0 }
    }

    /// Handle bytes of a peer that are no message of this protocol.
    public mutating func receivedGarbage(_ reason: String, from peer: PeerID) -> [CoordinatorDirective] {
        guard isRunning else { return [] }
        guard let rank = rankOfPeer[peer] else { return refuse(peer, reason) }
        return breach(rank, "sent \(reason)")
    }

    /// Handle a peer that the socket could not reach.
    public mutating func unreachable(_ peer: PeerID) -> [CoordinatorDirective] {
        guard let rank = rankOfPeer[peer] else { return [] }
        guard isRunning else { return letGo(rank) }
        return lose(rank, "is gone: its connection closed", "see its log, or start it again")
    }

    /// Handle the end of a worker process of this machine.
    public mutating func workerExited(rank: Int, how: String) -> [CoordinatorDirective] {
        guard isRunning else { return letGo(rank) }
        return lose(rank, how, "see its log, or start the run again")
    }

    /// False once the run has ended, with success or failure.
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

    /// End the run because a worker is lost, and name the chunks that the worker had not returned.
    private mutating func lose(_ rank: Int, _ what: String, _ advice: String) -> [CoordinatorDirective] {
        let pieces = steps.lost(rank: rank)
        guard let first = pieces.first?.exchange, let exchange = steps.id(ofExchange: first) else {
            return fail(rank, what, advice)
        }
        let chunks = Counted.text(pieces.count { $0.exchange == first }, "chunk")
        return fail(rank, "\(what); \(chunks) of \(Self.name(of: exchange)) not returned", advice)
    }

    /// Fail because a worker did what the protocol does not allow.
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

    /// Handle the answer to an assignment, which is also the first round trip that compares the clocks.
    private mutating func becomeReady(_ message: Message, _ rank: Int, _ now: Nanoseconds) -> [CoordinatorDirective] {
        guard case .gathering = state else { return [] }
        members[rank]?.clock.observe(message.envelope, now)
        members[rank]?.noteLoad(message.envelope)
        do {
            members[rank]?.ready = try ControlCoding.decode(Ready.self, from: message.control)
        } catch {
            return breach(rank, "sent \(error)")
        }
        guard readyCount == members.count else { return [] }
        state = .ready
        // No step has begun: nothing goes out yet.
        for rank in members.indices { _ = steps.joined(rank: rank) }
        return [.clusterReady]
    }

    private mutating func takeFailure(_ message: Message, _ rank: Int) -> [CoordinatorDirective] {
        let notice = try? ControlCoding.decode(Notice.self, from: message.control)
        return fail(rank, "gave up: \(notice?.reason ?? "no reason given")", "mend the cause and start the run again")
    }
}

// MARK: Steps

extension CoordinatorProtocol {
    /// The next action of the driver; see ``StepMachine/next``.
    public var next: StepMachine<Chunk>.Action { steps.next }

    /// True when some chunk has all its outputs and waits to be combined.
    public var hasCompleteChunk: Bool { steps.hasCompleteChunk }

    /// Begin a step; see ``StepMachine/begin(_:)``.
    ///
    /// - Precondition: the cluster is ready.
    public mutating func begin(_ exchanges: [ExchangeID]) {
        precondition(state == .ready, "a step before the cluster is ready")
        steps.begin(exchanges)
    }

    /// Note that the tokens of an exchange are routed; see ``StepMachine/routed(tokens:chunkTokens:now:)``.
    public mutating func routed(tokens: Int, chunkTokens: Int, now: Nanoseconds) {
        steps.routed(tokens: tokens, chunkTokens: chunkTokens, now: now)
    }

    /// Note that a chunk is built; see ``StepMachine/built(_:works:upTo:)``.
    public mutating func built(_ chunk: Chunk, works: [ChunkWork], upTo end: Int) -> [Dispatch<Chunk>] {
        dispatches(steps.built(chunk, works: works, upTo: end))
    }

    /// Note that all arrived messages are read; see ``StepMachine/looked()``.
    public mutating func looked() { steps.looked() }

    /// Note that a chunk is combined; see ``StepMachine/combined()``.
    public mutating func combined() -> [Dispatch<Chunk>] { dispatches(steps.combined()) }

    /// Note that the coordinator's own experts are done; see ``StepMachine/ownExpertsDone()``.
    public mutating func ownExpertsDone() -> ExchangeID? { steps.ownExpertsDone() }

    /// Note that an exchange is finished; see ``StepMachine/finished()``.
    public mutating func finished() { steps.finished() }

    private func dispatches(_ handovers: [StepMachine<Chunk>.Handover]) -> [Dispatch<Chunk>] {
        guard state == .ready else { return [] }
        return handovers.compactMap { handover in
            members[handover.work.rank].map { member in
                Dispatch(
                    envelope: Envelope(
                        handover,
                        dtype: plan.assignments[handover.work.rank].form.dispatch,
                        map: slotMoves.map(ofLayer: Int(handover.exchange.layer)),
                        epoch: plan.epoch
                    ),
                    peer: member.peer,
                    chunk: handover.chunk,
                    part: handover.part
                )
            }
        }
    }

    private mutating func takeResult(_ header: Envelope, _ rank: Int) -> RowsDirective<Chunk> {
        guard steps.hasBegun(exchange: header.exchange) else {
            return .others(breach(rank, "sent a result of exchange \(header.exchange), which has not begun"))
        }
        guard let id = steps.id(ofExchange: header.exchange) else { return .others([]) }
        guard ExchangeID(header) == id else {
            return .others(breach(rank, "sent a result of \(ExchangeID(header)), where \(id) was due"))
        }
        let piece = PieceID(exchange: header.exchange, chunk: Int(header.chunk), rank: rank)
        switch steps.progress(of: piece) {
        case .notGiven:
            return .others(breach(rank, "sent the result of a chunk \(header.chunk) that it was never given"))
        case .returned:
            return .others([])
        case .out(_, let attempt) where attempt != header.attempt:
            // A late answer to an earlier sending.
            return .others([])
        case .out(let work, _):
            let agreed = plan.assignments[rank].form.combine
            guard Int(header.rows) == work.rows, header.payloadBytes == UInt64(work.replyBytes),
                header.dtype == agreed
            else {
                return .others(
                    breach(
                        rank,
                        "sent \(header.rows) rows, \(header.payloadBytes) bytes of \(header.dtype.rawValue)"
                            + " where \(work.rows) rows, \(work.replyBytes) bytes of \(agreed.rawValue) were due"
                    )
                )
            }
        }
        guard let (chunk, part) = steps.collected(piece) else { return .others([]) }
        return .collect(chunk, part: part, stamps: stampsOnOwnClock(header, rank))
    }

    private mutating func stampsOnOwnClock(_ result: Envelope, _ rank: Int) -> WorkerStamps {
        guard let member = members[rank] else { return WorkerStamps(result) }
        members[rank]?.usedUncertainty = max(member.usedUncertainty, member.clock.uncertainty ?? 0)
        return WorkerStamps(result).moved(by: member.clock.offset)
    }
}

// MARK: Slots

extension CoordinatorProtocol {
    /// True while some layer's slots are changing.
    public var isMovingSlots: Bool { slotMoves.isUnderWay }

    /// Tell every worker to load the slots that a layer is to have.
    ///
    /// - Parameter experts: the experts of each rank's slots, `[ranks][slots]`.
    /// - Precondition: the cluster is ready, and the layer is not changing.
    public mutating func prepare(layer: Int, experts: [[Int]], now: Nanoseconds) -> [CoordinatorDirective] {
        tell(.prepare, slotMoves.begin(layer, experts: experts, now: now))
    }

    /// The changes of slots that are over, and the messages that make the new ones serve everywhere, or drop them.
    ///
    /// - Precondition: no step is under way.
    public mutating func settle(now: Nanoseconds) -> (settled: [SettledMove], directives: [CoordinatorDirective]) {
        let settled = slotMoves.settled(now: now)
        let directives = settled.flatMap { move in
            let settlement = Settlement(layer: move.layer, map: move.map, switches: move.refusal == nil)
            return tell(.settle, [Settlement](repeating: settlement, count: members.count))
        }
        return (settled, directives)
    }

    /// Send a message to each rank.
    private mutating func tell(_ kind: MessageKind, _ values: [some Encodable]) -> [CoordinatorDirective] {
        joined.compactMap { member in
            guard let control = try? ControlCoding.encode(values[member.rank]) else { return nil }
            let envelope = Envelope(
                kind: kind,
                epoch: plan.epoch,
                rank: UInt32(member.rank),
                payloadBytes: UInt64(control.count)
            )
            return .send(Message(envelope: envelope, control: control), to: member.peer)
        }
    }

    private mutating func takePrepared(_ message: Message, _ rank: Int) -> [CoordinatorDirective] {
        do {
            let answer = try ControlCoding.decode(Prepared.self, from: message.control)
            guard slotMoves.answered(answer, rank: rank) else {
                return breach(rank, "loaded slots of layer \(answer.layer) that it was not told of")
            }
            return []
        } catch {
            return breach(rank, "sent \(error)")
        }
    }
}

// MARK: Liveness

extension CoordinatorProtocol {
    /// Handle the passing of time. The shell calls this after it has read every message that had arrived.
    public mutating func tick(now: Nanoseconds) -> [CoordinatorDirective] {
        guard isRunning else { return [] }
        if let lost = firstLostMember(now) {
            let silence = plan.deadlines.heartbeat * ClusterPlan.liveness
            return lose(
                lost,
                "does not answer: no heartbeat for \(silence.seconds) s",
                "check whether it is stopped or its host is overloaded (cluster.heartbeat_seconds)"
            )
        }
        if let failure = missedDeadline(now) { return end(failure) }
        return pings(now)
    }

    /// The rank of the first worker that is lost, or nil. Pings are counted, not the time since the first: a
    /// coordinator that was itself away for long has sent few of them, and the answers may still be on their way
    /// through its own socket.
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
            return steps.timePassed(now: now).map { failure(of: $0) }
        default:
            return nil
        }
    }

    private func failure(of overdue: Overdue) -> ClusterFailure {
        let limit = "\(plan.deadlines.layer.seconds) s"
        guard !overdue.ranks.isEmpty else {
            return ClusterFailure(
                worker: nil,
                what:
                    "the coordinator's own experts were not done with \(Self.name(of: overdue.exchange)) within \(limit)",
                advice: "allow more time (cluster.layer_seconds) or make the step smaller"
            )
        }
        return ClusterFailure(
            worker: overdue.ranks.map { members[$0]?.name ?? "worker \($0)" }.joined(separator: ", "),
            what: "did not return \(Self.name(of: overdue.exchange)) within \(limit)",
            advice: "allow more time (cluster.layer_seconds) or make the step smaller"
        )
    }

    /// The name of an exchange for messages, with a note that the step number counts warm-up steps, as reports do not.
    private static func name(of exchange: ExchangeID) -> String { "\(exchange) (warm-up counted)" }

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

    private func takeAbsence(_ away: Envelope, _ rank: Int) -> [CoordinatorDirective] {
        members[rank]?.absence(away).map { [.note($0)] } ?? []
    }

    private mutating func takePong(_ envelope: Envelope, _ rank: Int, _ now: Nanoseconds) -> [CoordinatorDirective] {
        members[rank]?.clock.observe(envelope, now)
        return []
    }
}

// MARK: Release

extension CoordinatorProtocol {
    /// Tell every worker that the run is over, also after a failure.
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

    /// Handle a worker that has said goodbye or is gone during the release.
    private mutating func letGo(_ rank: Int) -> [CoordinatorDirective] {
        guard case .releasing(var ranks) = state, ranks.remove(rank) != nil else { return [] }
        state = ranks.isEmpty ? .ended : .releasing(ranks: ranks)
        return ranks.isEmpty ? [.released] : []
    }
}
