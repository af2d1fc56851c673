internal import Cluster
import Records

/// The simulation of one layer on a host, event by event: coordinator, sockets and ranks share the cores, and a
/// `StepMachine` decides what the coordinator does next, as in a live run.
///
/// Everything that wants to run gets an equal part of the cores when it is more than there are. All messages pass the
/// coordinator's one thread for sockets, which serves those under way in turn.
struct HostSimulation {
    /// A piece of work of the simulated coordinator, wire or rank.
    enum Work: Equatable {
        case gate
        case build(Int)
        case send(PieceID)
        case read(PieceID)
        case combine
        case finish
        case ownExperts
        case latencyThere(PieceID)
        case bytesThere(PieceID)
        case wakeCompute(PieceID)
        case compute(PieceID)
        case wakeSocket(PieceID)
        case latencyBack(PieceID)
        case bytesBack(PieceID)

        /// Whether the coordinator's thread for sockets does the work.
        var isCarried: Bool {
            switch self {
            case .bytesThere, .bytesBack: true
            default: false
            }
        }
    }

    private struct Running {
        let work: Work
        var remaining: Double
        /// Cores that the work can use.
        let cores: Double
    }

    let costs: HostCosts
    let layer: HostLayer
    let chunk: HostLayer
    /// Seconds of each chunk on each rank, on one thread, `[rank][chunk]`.
    let compute: [[Double]]
    let ownSeconds: Double

    private(set) var now = 0.0
    /// Processor time of all work so far, in seconds.
    private(set) var processor = 0.0
    private var running: [Running] = []

    // The coordinator. It knows a chunk by its number.
    var machine: StepMachine<Int>
    var unsent: [PieceID] = []
    var isIdle = true
    var inbox: [PieceID] = []
    var isFinished = false
    var busy = CoordinatorSeconds()

    // The ranks.
    var waiting: [[PieceID]]
    var computing: [Bool]

    /// The stamps of each chunk, in seconds, `[rank][chunk]`.
    var times: [[HostTimes]]
    var firstHandOver: Double?
    var lastArrival = 0.0
    var sharedEnd: Double?

    init(_ costs: HostCosts, _ layer: HostLayer, compute: [[Double]], ownSeconds: Double) {
        self.costs = costs
        self.layer = layer
        chunk = layer.chunk
        self.compute = compute
        self.ownSeconds = ownSeconds
        machine = StepMachine(
            StepBounds(
                // The model has no credit: only the depth bounds what is out.
                credits: layer.ranks.map { _ in .max },
                depth: costs.stack.depth,
                patience: .max,
                hasOwnExperts: ownSeconds > 0
            )
        )
        waiting = [[PieceID]](repeating: [], count: layer.ranks.count)
        computing = [Bool](repeating: false, count: layer.ranks.count)
        times = layer.ranks.map { _ in [HostTimes](repeating: HostTimes(), count: layer.chunks) }
        for rank in layer.ranks.indices { _ = machine.joined(rank: rank) }
        machine.begin([ExchangeID(step: 0, layer: 0, batch: 0)])
        decide()
    }

    /// Threads of each product.
    var threads: Double { Double(costs.stack.threads) }

    /// Run to the end of the layer.
    mutating func run() {
        while !isFinished, !running.isEmpty { advance() }
        precondition(isFinished, "a layer of \(layer.chunks) chunks in which nothing goes on")
    }

    /// Begin a piece of work.
    mutating func start(_ work: Work, seconds: Double, cores: Double = 1) {
        processor += max(seconds, 0)
        running.append(Running(work: work, remaining: max(seconds, 0) / cores, cores: cores))
    }

    /// Advance to the next moment at which a piece of work ends.
    private mutating func advance() {
        let carried = max(1, running.count { $0.work.isCarried })
        let wanted = running.reduce(0) { $0 + $1.cores / ($1.work.isCarried ? Double(carried) : 1) }
        let share = min(1, costs.profile[.cores] / wanted)
        func speed(_ item: Running) -> Double { item.work.isCarried ? share / Double(carried) : share }
        let step = running.reduce(Double.infinity) { min($0, $1.remaining / speed($1)) }
        now += step
        for index in running.indices { running[index].remaining -= step * speed(running[index]) }
        // What is left of rounding is less than a millionth of a microsecond.
        let ended = running.filter { $0.remaining <= 1e-12 }.map(\.work)
        running.removeAll { $0.remaining <= 1e-12 }
        for work in ended { end(work) }
        if isIdle { decide() }
    }
}

extension HostSimulation {
    /// Start the work that follows from the end of a piece of work.
    mutating func end(_ work: Work) {
        switch work {
        case .gate, .build, .send, .read, .combine, .finish: endOfCoordinator(work)
        case .ownExperts: machine.ownExpertsDone()
        case .latencyThere(let piece):
            start(
                .bytesThere(piece),
                seconds: costs.carried(chunk.ranks[piece.rank].sentRows, costs.stack.dispatch)
            )
        case .bytesThere(let piece):
            times[piece.rank][piece.chunk].received = now
            start(.wakeCompute(piece), seconds: costs.wake)
        case .wakeCompute(let piece):
            waiting[piece.rank].append(piece)
            computeNext(piece.rank)
        case .compute(let piece):
            times[piece.rank][piece.chunk].finished = now
            computing[piece.rank] = false
            start(.wakeSocket(piece), seconds: costs.wake)
            computeNext(piece.rank)
        case .wakeSocket(let piece):
            times[piece.rank][piece.chunk].returned = now
            start(.latencyBack(piece), seconds: costs.latency)
        case .latencyBack(let piece):
            start(
                .bytesBack(piece),
                seconds: costs.carried(chunk.ranks[piece.rank].replyRows, costs.stack.combine)
            )
        case .bytesBack(let piece): inbox.append(piece)
        }
    }

    /// Start to compute the chunk that has waited longest at a rank, if the rank is idle.
    private mutating func computeNext(_ rank: Int) {
        guard !computing[rank], !waiting[rank].isEmpty else { return }
        let piece = waiting[rank].removeFirst()
        computing[rank] = true
        times[rank][piece.chunk].started = now
        start(.compute(piece), seconds: compute[rank][piece.chunk], cores: threads)
    }

    private mutating func endOfCoordinator(_ work: Work) {
        isIdle = true
        switch work {
        case .gate:
            // A chunk of the model is a token of the machine's.
            machine.routed(tokens: layer.chunks, chunkTokens: 1, now: 0)
            if ownSeconds > 0 { start(.ownExperts, seconds: ownSeconds, cores: threads) }
        case .build(let index): endOfBuild(index)
        case .send(let piece):
            start(.latencyThere(piece), seconds: costs.latency)
        case .read(let piece):
            times[piece.rank][piece.chunk].collected = now
            lastArrival = now
            _ = machine.collected(piece)
        case .combine: send(machine.combined())
        case .finish: machine.finished()
        default: break
        }
    }

    private mutating func endOfBuild(_ index: Int) {
        let used = chunk.ranks.indices.filter { chunk.ranks[$0].sentRows > 0 }
        for rank in used { times[rank][index].ready = now }
        send(machine.built(index, works: used.map { ChunkWork(rank: $0) }, upTo: index + 1))
    }

    private mutating func send(_ handovers: [StepMachine<Int>.Handover]) { unsent += handovers.map(\.piece) }

    /// Give the coordinator's thread its next work, in the order of a live run's loop; nothing when it has to wait.
    mutating func decide() {
        guard let (work, seconds) = nextWork() else { return }
        isIdle = false
        count(work, seconds)
        start(work, seconds: seconds)
    }

    /// The coordinator's next work and its seconds, or nil; messages that are handed over are sent first.
    private mutating func nextWork() -> (Work, Double)? {
        if !unsent.isEmpty { return send(unsent.removeFirst()) }
        switch machine.next {
        case .route: return (.gate, costs.gate(layer))
        case .build(_, let chunks): return (.build(chunks.lowerBound), costs.build(chunk))
        case .combine: return (.combine, costs.combine(chunk))
        case .finish:
            guard ownSeconds > 0 else { return (.finish, 0) }
            sharedEnd = now
            return (.finish, costs.finish(layer))
        case .look:
            guard inbox.isEmpty else { return (.read(inbox.removeFirst()), costs.message) }
            machine.looked()
            return nextWork()
        case .wait: return inbox.isEmpty ? nil : (.read(inbox.removeFirst()), costs.message)
        case .end:
            isFinished = true
            return nil
        }
    }

    private mutating func send(_ piece: PieceID) -> (Work, Double) {
        times[piece.rank][piece.chunk].handedOver = now
        if firstHandOver == nil { firstHandOver = now }
        return (.send(piece), costs.message)
    }

    private mutating func count(_ work: Work, _ seconds: Double) {
        switch work {
        case .gate: break
        case .build: busy.permute += seconds
        case .combine, .finish: busy.combine += seconds
        default: busy.messages += seconds
        }
    }
}
