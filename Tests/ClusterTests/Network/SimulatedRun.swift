import Cluster
import Tensors

/// A whole run in virtual time: several layers of one or two micro-batches over several workers, with everything that
/// happened written down.
struct SimulatedRun {
    /// More events than any run of this size has.
    static let eventLimit = 200_000

    private(set) var network: SimulatedNetwork
    private(set) var workers: [SimulatedWorker]
    private(set) var machine: CoordinatorProtocol
    private(set) var driver: SimulatedDriver
    private(set) var ledger: CreditLedger
    private(set) var failure: ClusterFailure?
    private(set) var isComplete = false
    private(set) var endedAt: Nanoseconds?
    /// Stamps that lie outside of what the coordinator saw by more than the clock's uncertainty.
    private(set) var impossibleStamps = 0
    private var isReady = false

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
        driver = SimulatedDriver(batches: .random(in: 1...2, using: &random), ranks: count)
        ledger = CreditLedger(limit: credit)
        network = SimulatedNetwork(faults: faults, seed: seed)
        network.schedule(.coordinatorTick, after: 20 * millisecond)
        for number in workers.indices {
            network.schedule(.workerTick(number), after: .random(in: 0...50 * millisecond, using: &random))
        }
    }

    /// How often each work of each exchange was collected.
    var collected: [[Int]] { driver.exchanges.map(\.collected) }

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
            if isReady, endedAt == nil, !network.coordinatorIsLost { advance() }
        }
    }

    private mutating func handle(_ event: SimulatedNetwork.Event) {
        switch event {
        case .coordinatorTick:
            network.schedule(.coordinatorTick, after: 20 * millisecond)
            if !network.coordinatorIsLost { carryOut(machine.tick(now: network.now)) }
        case .combined(let id, let chunk):
            if !network.coordinatorIsLost, endedAt == nil { release(id, chunk) }
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
            case .dispatch(let id, let index, let envelope, let peer):
                dispatch(id, index, envelope, peer)
            case .collect(let id, let index, let stamps):
                collect(id, index, stamps)
            case .clusterReady:
                isReady = true
            case .fail(let failure):
                end(failure)
            case .refused, .released:
                break
            }
        }
    }

    private mutating func advance() {
        carryOut(driver.advance(&machine, &network))
        if driver.isComplete { end(nil) }
    }

    private mutating func end(_ failure: ClusterFailure?) {
        self.failure = failure
        isComplete = failure == nil
        endedAt = network.now
        carryOut(machine.release())
    }

    private mutating func dispatch(_ id: ExchangeID, _ index: Int, _ envelope: Envelope, _ peer: PeerID) {
        guard let exchange = driver[id] else { return }
        driver[id]?.dispatchedAt[index] = network.now
        ledger.sent(exchange.works[index].bothWays, to: exchange.works[index].rank)
        let table = exchange.layouts[index].encodedTable()
        network.sendToWorker(.init(message: Message(envelope: envelope), table: table), peer)
    }

    /// Results of a chunk are held until it is combined, some time after the last of them.
    private mutating func collect(_ id: ExchangeID, _ index: Int, _ stamps: WorkerStamps) {
        guard let exchange = driver[id] else { return }
        if let chunk = driver[id]?.collect(index) {
            let time = Nanoseconds.random(in: 1...5 * millisecond, using: &network.random)
            network.schedule(.combined(id, chunk), after: time)
        }
        let member = machine.joined.first { $0.rank == exchange.works[index].rank }
        guard let uncertainty = member?.clock.uncertainty else { return }
        let inOrder = stamps.received <= stamps.started && stamps.started <= stamps.finished
        let sent = exchange.dispatchedAt[index]
        let fits = stamps.received >= sent - uncertainty && stamps.finished <= network.now + uncertainty
        if !inOrder || !fits { impossibleStamps += 1 }
    }

    private mutating func release(_ id: ExchangeID, _ chunk: Int) {
        guard let exchange = driver[id] else { return }
        let indices = exchange.indices(ofChunk: chunk)
        driver[id]?.release()
        for index in indices { ledger.returned(exchange.works[index].bothWays, from: exchange.works[index].rank) }
        carryOut(machine.release(Array(indices), of: id))
    }
}
