import Records
internal import Cluster
internal import Experts
internal import MoE
internal import Placement
internal import Tensors
internal import Workloads

/// Dispatch and combine. A layer's tokens go out in chunks; the sums of a chunk are made as soon as all its outputs are
/// there, while later chunks are out.
final class LayerExchange {
    /// Longest wait between two looks at clocks and signals.
    private static let tickMilliseconds = 20

    private let placement: Placement
    private let hidden: Int
    private let form: RowForm
    private let commonTerms: Int
    private let outputScale: Float
    private let deadline: Nanoseconds
    private let outputBiases: [[Float]?]
    private let encoder: DispatchEncoder
    private let chunkSize: ChunkSize
    private let shell: CoordinatorShell
    private let ownExperts: CoordinatorExperts?
    private let work: WorkClock
    private var builder: ChunkBuilder
    /// What is under way, oldest first.
    private var underWay: [MicroBatch] = []

    /// - Parameter ownExperts: the coordinator's own, or nil when ranks hold the experts that every token visits.
    init(
        setup: SessionSetup,
        shell: CoordinatorShell,
        ownExperts: CoordinatorExperts?,
        work: WorkClock
    ) throws(CheckpointError) {
        placement = setup.placement
        hidden = setup.model.hidden
        form = setup.form
        commonTerms = ownExperts == nil && setup.keepsCommonOutputs ? setup.model.commonExperts.count : 0
        outputScale = setup.model.outputScale
        deadline = setup.plan.deadlines.layer
        var biases: [[Float]?] = []
        for layer in 0..<setup.model.layers { biases.append(try setup.experts.outputBias(layer: layer)) }
        outputBiases = biases
        encoder = DispatchEncoder(hidden: setup.model.hidden, form: setup.form)
        chunkSize = ChunkSize(setup)
        builder = ChunkBuilder(
            hidden: setup.model.hidden,
            form: setup.form,
            // Two chunks fit in the credit, so that one can travel while the other is computed.
            byteLimit: setup.creditBytes / 2
        )
        self.shell = shell
        self.ownExperts = ownExperts
        self.work = work
    }

    /// Sends all chunks of a layer of a micro-batch; what comes back meanwhile is combined.
    func begin(_ next: LayerWork, of batch: MicroBatch) throws(RuntimeError) {
        work.enter(.permute, layer: next.layer, batch: batch.index)
        let plan = next.routed.routing.plan
        let slots = SlotPlan(plan, placement: placement[next.layer], firstToken: batch.firstToken)
        let inFlight = LayerInFlight(id: next.id, ranks: placement.ranks, now: MonotonicClock.now())
        // Without a norm the experts read the residual stream itself. A copy of it is only made for who keeps it.
        let read = next.keepsOutput || ownExperts != nil ? next.input ?? LayerInput(tokens: batch.stream) : nil
        batch.pending = PendingLayer(
            work: next,
            slots: slots,
            inFlight: inFlight,
            input: next.keepsOutput ? read : nil,
            combiner: Combiner(
                hidden: hidden,
                form: form,
                outputBias: outputBiases[next.layer],
                outputScale: outputScale,
                commonTerms: commonTerms
            ),
            kept: read == nil ? nil : emptyOutput(tokens: batch.stream.rows)
        )
        underWay.append(batch)
        shell.begin(inFlight)
        if let ownExperts, let read {
            ownExperts.begin(CoordinatorExperts.Job(layer: next.layer, input: read, visits: next.visits))
        }
        let task = ChunkTask(
            plan: plan,
            slots: slots,
            common: ownExperts == nil ? next.visits : [],
            sources: SourceRanks(tokens: next.tokensOfStep, ranks: placement.ranks),
            firstToken: batch.firstToken
        )
        try send(task, next, of: batch, inFlight)
    }

    private func send(
        _ task: ChunkTask,
        _ next: LayerWork,
        of batch: MicroBatch,
        _ inFlight: LayerInFlight
    ) throws(RuntimeError) {
        var ranges = ChunkRanges(tokens: batch.stream.rows, size: chunkSize.tokens(of: task.plan))
        while let wanted = ranges.next {
            while shell.isWaiting(inFlight) || inFlight.chunksOut >= ChunkSize.depth {
                try advance(milliseconds: Self.tickMilliseconds)
            }
            work.enter(.permute, layer: next.layer, batch: batch.index)
            let chunk = builder.chunk(of: task, tokens: wanted)
            ranges.take(upTo: chunk.tokens.upperBound)
            let works = encode(chunk, of: inFlight, input: next.input?.rows ?? batch.stream)
            work.enter(.messages, layer: next.layer, batch: batch.index)
            try shell.submit(works, of: inFlight)
            try advance(milliseconds: 0)
        }
    }

    /// Waits for the outputs of a micro-batch's layer and adds them to its residual stream.
    func finish(_ batch: MicroBatch) throws(RuntimeError) {
        guard let inFlight = batch.pending?.inFlight else { return }
        let layer = Int(inFlight.id.layer)
        while inFlight.combinedTokens < batch.stream.rows { try advance(milliseconds: Self.tickMilliseconds) }
        if let ownExperts {
            let own = try outcome(of: ownExperts, layer: layer)
            inFlight.finishOwnExperts(busy: own.busy, at: MonotonicClock.now())
            work.enter(.combine, layer: layer, batch: batch.index)
            batch.finish(adding: own.outputs)
            work.enter(.messages, layer: layer, batch: batch.index)
            inFlight.combine(at: MonotonicClock.now())
        }
        shell.end(inFlight)
        underWay.removeAll { $0 === batch }
        batch.endLayer()
    }

    private func emptyOutput(tokens: Int) -> CombinedLayer {
        CombinedLayer(
            output: Matrix(rows: tokens, columns: hidden),
            common: (0..<commonTerms).map { _ in Matrix(rows: tokens, columns: hidden) }
        )
    }

    private func encode(_ chunk: DispatchChunk, of inFlight: LayerInFlight, input: Matrix) -> [ChunkWork] {
        var payloads: [AlignedBuffer] = []
        var works: [ChunkWork] = []
        for part in chunk.ranks {
            let layout = encoder.layout(of: part)
            payloads.append(encoder.encode(part, layout, input: input))
            works.append(ChunkWork(rank: part.rank, chunk: inFlight.nextChunk, layout: layout))
        }
        inFlight.append(chunk, payloads: payloads, works: works, ready: MonotonicClock.now())
        return works
    }

    /// Combines a chunk that is complete; without one, reads messages and then combines.
    private func advance(milliseconds: Int) throws(RuntimeError) {
        if try combineOne() { return }
        try shell.pump(milliseconds: milliseconds)
        _ = try combineOne()
    }

    private func combineOne() throws(RuntimeError) -> Bool {
        for batch in underWay {
            guard let inFlight = batch.pending?.inFlight, let chunk = inFlight.takeComplete() else { continue }
            let layer = Int(inFlight.id.layer)
            work.enter(.combine, layer: layer, batch: batch.index)
            batch.combine(chunk, finishes: ownExperts == nil)
            work.enter(.messages, layer: layer, batch: batch.index)
            inFlight.combine(at: MonotonicClock.now())
            try shell.release(chunk, of: inFlight)
            return true
        }
        return false
    }

    private func outcome(
        of experts: CoordinatorExperts,
        layer: Int
    ) throws(RuntimeError) -> CoordinatorExperts.Outcome {
        let end = MonotonicClock.now() + deadline
        repeat {
            if let outcome = try experts.take(milliseconds: Self.tickMilliseconds) { return outcome }
            try advance(milliseconds: 0)
        } while MonotonicClock.now() < end
        throw .local(
            "the coordinator's own experts were not done with layer \(layer) within \(deadline.seconds) s "
                + "(cluster.layer_seconds)"
        )
    }
}
