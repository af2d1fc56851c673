package import Cluster
import Placement
import Tensors

/// A coordinator process in virtual time: its protocol with the shipping ``StepMachine``, the payloads that it sends and
/// sums, and one thread that does what the machine says, each piece in a time of its own.
package struct SimulatedCoordinator {
    /// The payloads of a chunk, and what was seen of them.
    package final class Chunk {
        let exchange: ExchangeID
        let chunk: DispatchChunk
        let payloads: [AlignedBuffer]
        let works: [ChunkWork]
        var outputs: [AlignedBuffer?]
        var sentAt: [Nanoseconds]

        init(_ exchange: ExchangeID, _ chunk: DispatchChunk, payloads: [AlignedBuffer], works: [ChunkWork]) {
            self.exchange = exchange
            self.chunk = chunk
            self.payloads = payloads
            self.works = works
            outputs = works.map { _ in nil }
            sentAt = works.map { _ in .max }
        }
    }

    package typealias Action = StepMachine<Chunk>.Action

    /// A micro-batch: its residual stream, and what is under way.
    private struct Batch {
        var stream: Matrix
        var task: ChunkTask
        var combiner: Combiner
        var kept: CombinedLayer?
    }

    static let steps = 2

    private(set) var model: SimulatedModel
    /// Whether slots move while the run goes on.
    private let movesSlots: Bool
    private var changes: [Int: LayerPlacement] = [:]
    /// Layers that switched, and changes that were refused.
    private(set) var switched = 0
    private(set) var refused = 0
    private(set) var machine: CoordinatorProtocol<Chunk>
    private var batches: [Batch]
    private var builder: ChunkBuilder
    private let encoder: DispatchEncoder
    private var begunSteps = 0
    private var isReady = false
    private var isBusy = false
    private var ownOutcomes: [ExchangeID: [Matrix]] = [:]

    private(set) var ledger: CreditLedger
    private(set) var failure: ClusterFailure?
    private(set) var endedAt: Nanoseconds?
    /// Times that rows were collected for one place twice.
    private(set) var overwritten = 0
    /// Exchanges that are finished, in order.
    private(set) var finished: [ExchangeID] = []
    /// Most exchanges that were under way at a time.
    private(set) var mostUnderWay = 0
    private var underWay = 0
    /// Stamps that lie outside of what the coordinator saw by more than the clock's uncertainty.
    private(set) var impossibleStamps = 0

    init(model: SimulatedModel, creditBytes: Int, movesSlots: Bool) {
        self.model = model
        self.movesSlots = movesSlots
        let plan = ClusterPlan(
            epoch: 7,
            assignments: (0..<model.ranks).map { model.assignment(rank: $0, creditBytes: creditBytes) },
            deadlines: ClusterPlan.Deadlines(start: 3_000_000_000, heartbeat: 100_000_000, layer: 5_000_000_000),
            hasOwnExperts: model.hasOwnExperts,
            bootID: ""
        )
        machine = CoordinatorProtocol(plan: plan, now: 0)
        batches = (0..<model.microBatches).map { batch in
            Batch(
                stream: model.input(batch: batch),
                task: model.task(of: ExchangeID(step: 0, layer: 0, batch: batch)),
                combiner: Combiner(
                    hidden: SimulatedModel.hidden,
                    form: model.form,
                    outputBias: nil,
                    outputScale: 1,
                    commonTerms: 0
                ),
                kept: nil
            )
        }
        builder = ChunkBuilder(
            hidden: SimulatedModel.hidden,
            form: model.form,
            byteLimit: creditBytes / 2
        )
        encoder = DispatchEncoder(hidden: SimulatedModel.hidden, form: model.form)
        ledger = CreditLedger(limit: creditBytes)
    }

    var isComplete: Bool { endedAt != nil && failure == nil }

    /// The residual streams of the micro-batches.
    var streams: [Matrix] { batches.map(\.stream) }

    mutating func tick(_ network: inout SimulatedRun.Network) { carryOut(machine.tick(now: network.now), &network) }

    mutating func receive(_ message: Message, from peer: PeerID, _ network: inout SimulatedRun.Network) {
        carryOut(machine.received(message, from: peer, now: network.now), &network)
    }

    mutating func receive(
        _ header: Envelope,
        _ rows: AlignedBuffer,
        from peer: PeerID,
        _ network: inout SimulatedRun.Network
    ) {
        switch machine.received(rows: header, from: peer) {
        case .collect(let chunk, let part, let stamps): collect(rows, chunk, part, stamps, now: network.now)
        case .others(let directives): carryOut(directives, &network)
        }
    }

    private mutating func collect(
        _ rows: AlignedBuffer,
        _ chunk: Chunk,
        _ part: Int,
        _ stamps: WorkerStamps,
        now: Nanoseconds
    ) {
        if chunk.outputs[part] != nil { overwritten += 1 }
        chunk.outputs[part] = rows
        let member = machine.joined.first { $0.rank == chunk.works[part].rank }
        guard let uncertainty = member?.clock.uncertainty else { return }
        let isInOrder = stamps.received <= stamps.started && stamps.started <= stamps.finished
        let fits = stamps.received >= chunk.sentAt[part] - uncertainty && stamps.finished <= now + uncertainty
        if !isInOrder || !fits { impossibleStamps += 1 }
    }

    private mutating func carryOut(_ directives: [CoordinatorDirective], _ network: inout SimulatedRun.Network) {
        for directive in directives {
            switch directive {
            case .send(let message, let peer): network.send(.toWorker(message, peer), on: .toWorker(peer))
            case .clusterReady: isReady = true
            case .fail(let failure): end(failure, &network)
            case .refused, .note, .released: break
            }
        }
    }

    private mutating func end(_ failure: ClusterFailure?, _ network: inout SimulatedRun.Network) {
        self.failure = failure
        endedAt = network.now
        carryOut(machine.release(), &network)
    }
}

// MARK: Steps

extension SimulatedCoordinator {
    /// Gives the thread something to do, where it has nothing and there is something.
    mutating func act(_ network: inout SimulatedRun.Network) {
        guard isReady, !isBusy, endedAt == nil else { return }
        if case .end = machine.next {
            guard begunSteps < Self.steps else { return end(nil, &network) }
            guard !movesSlots || !isMoving(&network) else { return }
            machine.begin(model.exchanges(ofStep: begunSteps))
            begunSteps += 1
        }
        let action = machine.next
        if case .wait = action { return }
        isBusy = true
        network.schedule(.acted(action), upTo: 5_000_000)
    }

    /// Settle what has moved and begin what is to move, between two steps; return whether the next step waits for it, as
    /// every second does.
    private mutating func isMoving(_ network: inout SimulatedRun.Network) -> Bool {
        if begunSteps == 0, changes.isEmpty {
            for layer in model.layers.indices {
                let placement = model.otherPlacement(ofLayer: layer, &network.random)
                changes[layer] = placement
                let experts = (0..<placement.ranks).map { placement.experts(onRank: $0) }
                carryOut(machine.prepare(layer: layer, experts: experts, now: network.now), &network)
            }
        }
        let (settled, directives) = machine.settle(now: network.now)
        for move in settled {
            guard move.refusal == nil, let placement = changes[move.layer] else {
                refused += 1
                continue
            }
            switched += 1
            model.place(placement, layer: move.layer)
        }
        carryOut(directives, &network)
        return begunSteps % 2 == 1 && machine.isMovingSlots
    }

    /// The thread has done what it was given.
    mutating func finish(_ action: Action, _ network: inout SimulatedRun.Network) {
        isBusy = false
        switch action {
        case .route(let id): route(id, &network)
        case .build(let id, let tokens): build(id, tokens, &network)
        case .combine(let chunk, let id): combine(chunk, of: id, &network)
        case .finish(let id): finish(id)
        case .look: machine.looked()
        case .wait, .end: break
        }
    }

    /// The coordinator's own experts are done with the oldest exchange that they were given.
    mutating func finishOwnExperts() {
        guard let id = machine.ownExpertsDone() else { return }
        let batch = batches[Int(id.batch)]
        let visits = model.task(of: id).common[0]
        var output = Matrix(rows: batch.stream.rows, columns: SimulatedModel.hidden)
        for token in 0..<output.rows {
            let row = SimulatedModel.output(
                expert: model.sharedExpert,
                layer: Int(id.layer),
                batch.stream.row(token)
            )
            output.add(visits.weight(ofToken: token), row, at: 0, toRow: token)
        }
        ownOutcomes[id] = [output]
    }

    private mutating func route(_ id: ExchangeID, _ network: inout SimulatedRun.Network) {
        let index = Int(id.batch)
        let tokens = batches[index].stream.rows
        batches[index].task = model.task(of: id, withoutCommon: model.hasOwnExperts)
        batches[index].kept =
            model.hasOwnExperts
            ? CombinedLayer(output: Matrix(rows: tokens, columns: SimulatedModel.hidden), common: []) : nil
        if model.hasOwnExperts {
            network.schedule(.ownExpertsDone, upTo: 30_000_000)
        }
        machine.routed(
            tokens: tokens,
            chunkTokens: .random(in: 1...5, using: &network.random),
            now: network.now
        )
        underWay += 1
        mostUnderWay = max(mostUnderWay, underWay)
    }

    private mutating func build(_ id: ExchangeID, _ tokens: Range<Int>, _ network: inout SimulatedRun.Network) {
        let batch = batches[Int(id.batch)]
        let chunk = builder.chunk(of: batch.task, tokens: tokens)
        let (payloads, works) = encoder.encode(chunk, input: batch.stream)
        let built = Chunk(id, chunk, payloads: payloads, works: works)
        send(machine.built(built, works: built.works, upTo: chunk.tokens.upperBound), &network)
    }

    private mutating func combine(_ chunk: Chunk, of id: ExchangeID, _ network: inout SimulatedRun.Network) {
        var batch = batches[Int(id.batch)]
        unsafe batch.combiner.combine(
            chunk.chunk,
            outputs: chunk.outputs.map { unsafe $0.map { unsafe UnsafeRawPointer($0.start) } },
            input: nil,
            stream: &batch.stream,
            kept: &batch.kept,
            finishes: !model.hasOwnExperts
        )
        withExtendedLifetime(chunk) {}
        batches[Int(id.batch)] = batch
        for work in chunk.works { ledger.returned(work.bytes, from: work.rank) }
        send(machine.combined(), &network)
    }

    private mutating func finish(_ id: ExchangeID) {
        var batch = batches[Int(id.batch)]
        if let outcome = ownOutcomes[id], var kept = batch.kept {
            batch.combiner.finish(adding: outcome, stream: &batch.stream, kept: &kept)
        }
        batches[Int(id.batch)] = batch
        finished.append(id)
        underWay -= 1
        machine.finished()
    }

    private mutating func send(_ dispatches: [Dispatch<Chunk>], _ network: inout SimulatedRun.Network) {
        for dispatch in dispatches {
            let work = dispatch.chunk.works[dispatch.part]
            dispatch.chunk.sentAt[dispatch.part] = network.now
            ledger.sent(work.bytes, to: work.rank)
            let rows = dispatch.chunk.payloads[dispatch.part]
            network.send(.rowsToWorker(dispatch.envelope, rows, dispatch.peer), on: .toWorker(dispatch.peer))
        }
    }
}
