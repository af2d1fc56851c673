import Cluster
import Tensors

/// A whole run in virtual time: several layers over several workers, with everything that happened written down.
struct SimulatedRun {
    /// More events than any run of this size has.
    static let eventLimit = 200_000
    static let layers: UInt32 = 4

    private(set) var network: SimulatedNetwork
    private(set) var workers: [SimulatedWorker]
    private(set) var machine: CoordinatorProtocol
    private(set) var ledger: CreditLedger
    /// How often each chunk of each layer was collected.
    private(set) var collected: [[Int]] = []
    private(set) var failure: ClusterFailure?
    private(set) var isComplete = false
    private(set) var endedAt: Nanoseconds?
    /// Stamps that lie outside of what the coordinator saw by more than the clock's uncertainty.
    private(set) var impossibleStamps = 0
    private var chunks: [ChunkWork] = []
    private var layouts: [BatchLayout] = []
    private var dispatchedAt: [Nanoseconds] = []

    init(seed: UInt64, faults: Faults) {
        var random = SeededRandom(seed: seed &+ 1_000_000)
        let credit = Int.random(in: 1...6000, using: &random)
        let count = Int.random(in: 1...5, using: &random)
        let stays = Bool.random(using: &random)
        workers = (0..<count).map { number in
            let offset = Nanoseconds.random(in: -(100 * second)...100 * second, using: &random)
            return SimulatedWorker(number: number, stays: stays, clockOffset: offset)
        }
        let plan = ClusterPlan(
            epoch: 7,
            assignments: (0..<count).map { .tiny(rank: $0, creditBytes: credit, silenceLimit: 2 * second) },
            deadlines: ClusterPlan.Deadlines(start: 3 * second, heartbeat: 100 * millisecond, layer: 5 * second),
            bootID: ""
        )
        machine = CoordinatorProtocol(plan: plan, now: 0)
        ledger = CreditLedger(limit: credit)
        network = SimulatedNetwork(faults: faults, seed: seed)
        network.schedule(.coordinatorTick, after: 20 * millisecond)
        for number in workers.indices {
            network.schedule(.workerTick(number), after: .random(in: 0...50 * millisecond, using: &random))
        }
    }

    /// Whether a worker has left the run: it ended, dials again or is cut off, or it stays and never got in.
    func isDone(_ worker: SimulatedWorker) -> Bool {
        worker.hasEnded || worker.redials > 0 || network.isLost(worker: worker.number)
            || (worker.stays && !worker.wasAssigned)
    }

    /// Runs until coordinator and workers have ended.
    mutating func run() {
        for _ in 0..<Self.eventLimit {
            let coordinatorIsDone = endedAt != nil || network.coordinatorIsLost
            if coordinatorIsDone, workers.allSatisfy({ isDone($0) }) { return }
            guard let event = network.next() else { return }
            handle(event)
        }
    }

    private mutating func handle(_ event: SimulatedNetwork.Event) {
        switch event {
        case .coordinatorTick:
            network.schedule(.coordinatorTick, after: 20 * millisecond)
            if !network.coordinatorIsLost { carryOut(machine.tick(now: network.now)) }
        case .toCoordinator(let packet, let peer):
            guard !network.coordinatorIsLost, !network.isLost(worker: Int(peer.bytes[1])) else { return }
            carryOut(machine.received(packet.message, from: peer, now: network.now))
        case .workerTick(let number):
            network.schedule(.workerTick(number), after: 50 * millisecond)
            if isAlive(number) { workers[number].tick(&network) }
        case .toWorker(let packet, let peer):
            let number = Int(peer.bytes[1])
            guard isAlive(number), workers[number].peer == peer, !network.coordinatorIsLost else { return }
            workers[number].receive(packet, &network)
        case .workDone(let number, let work):
            if isAlive(number) { workers[number].finish(work, &network) }
        }
    }

    private func isAlive(_ number: Int) -> Bool {
        !workers[number].hasEnded && !network.isLost(worker: number)
    }

    private mutating func carryOut(_ directives: [CoordinatorDirective]) {
        for directive in directives {
            switch directive {
            case .send(let message, let peer):
                network.sendToWorker(.init(message: message), peer)
            case .dispatch(let index, let envelope, let peer):
                dispatchedAt[index] = network.now
                ledger.sent(bytes(index), to: chunks[index].rank)
                network.sendToWorker(
                    .init(message: Message(envelope: envelope), table: layouts[index].encodedTable()),
                    peer
                )
            case .collect(let index, let stamps):
                collect(index, stamps)
            case .clusterReady:
                beginLayer()
            case .layerComplete:
                if collected.count < Int(Self.layers) { beginLayer() } else { end(nil) }
            case .fail(let failure):
                end(failure)
            case .refused, .released:
                break
            }
        }
    }

    private mutating func end(_ failure: ClusterFailure?) {
        self.failure = failure
        isComplete = failure == nil
        endedAt = network.now
        carryOut(machine.release())
    }

    private mutating func beginLayer() {
        (chunks, layouts) = ([], [])
        for rank in workers.indices {
            for chunk in 0..<Int.random(in: 0...5, using: &network.random) {
                let layout = randomLayout()
                layouts.append(layout)
                chunks.append(
                    ChunkWork(
                        rank: rank,
                        chunk: chunk,
                        rows: layout.rows,
                        segments: layout.segments.count,
                        dispatchBytes: layout.byteCount,
                        replyBytes: layout.replyByteCount
                    )
                )
            }
        }
        dispatchedAt = chunks.map { _ in .max }
        let number = UInt32(collected.count)
        collected.append([Int](repeating: 0, count: chunks.count))
        carryOut(machine.begin(step: number / 2, layer: number % 2, chunks: chunks, now: network.now))
    }

    private mutating func randomLayout() -> BatchLayout {
        let slots = Int.random(in: 1...2, using: &network.random)
        let segments = (0..<slots).map { slot in
            BatchLayout.Segment(slot: slot, rows: .random(in: 1...30, using: &network.random))
        }
        return BatchLayout(segments: segments, hidden: 8, dtype: .f32, carriesWeights: false)
    }

    private mutating func collect(_ index: Int, _ stamps: WorkerStamps) {
        collected[collected.count - 1][index] += 1
        ledger.returned(bytes(index), from: chunks[index].rank)
        let member = machine.joined.first { $0.rank == chunks[index].rank }
        guard let uncertainty = member?.clock.uncertainty else { return }
        let inOrder = stamps.received <= stamps.started && stamps.started <= stamps.finished
        let fits = stamps.received >= dispatchedAt[index] - uncertainty && stamps.finished <= network.now + uncertainty
        if !inOrder || !fits { impossibleStamps += 1 }
    }

    private func bytes(_ index: Int) -> Int {
        chunks[index].dispatchBytes + chunks[index].replyBytes
    }
}
