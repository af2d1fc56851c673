internal import Cluster
internal import Experts
import MoE
internal import Placement
import Records
internal import Tensors

/// The coordinator's work on the tokens of a layer, step by step in the order that the `StepMachine` asks for: build
/// and send chunks, combine returned outputs, and add the outputs of its own experts.
final class LayerExchange {
    /// The placement of each layer.
    private var placements: [LayerPlacement]
    private let replicaRule: ReplicaRule
    private let seed: UInt64
    private let hidden: Int
    private let form: RowForm
    private let commonTerms: Int
    private let outputScale: Float
    private let outputBiases: [[Float]?]
    private let encoder: DispatchEncoder
    private let chunkSize: ChunkSize
    private let shell: CoordinatorShell
    private let ownExperts: CoordinatorExperts?
    private let work: WorkClock
    private var builder: ChunkBuilder

    /// Create the coordinator's work on the layers of one run.
    ///
    /// - Parameter ownExperts: the coordinator's own experts, or nil when ranks hold the common experts.
    init(
        setup: SessionSetup,
        shell: CoordinatorShell,
        ownExperts: CoordinatorExperts?,
        work: WorkClock
    ) throws(CheckpointError) {
        placements = setup.placement.layers
        replicaRule = setup.replicaRule
        seed = setup.seed
        hidden = setup.model.hidden
        form = setup.form
        commonTerms = ownExperts == nil && setup.keepsCommonOutputs ? setup.model.commonExperts.count : 0
        outputScale = setup.model.outputScale
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

    /// Route a layer by another placement from now on.
    func place(_ placement: LayerPlacement, layer: Int) { placements[layer] = placement }

    /// Prepare a routed layer of a micro-batch to be cut into chunks, and start the coordinator's own experts on it, if
    /// any.
    func begin(_ next: LayerWork, of batch: MicroBatch) {
        work.enter(.permute, layer: next.layer, batch: batch.index)
        let plan = next.routed.routing.plan
        let slots = SlotPlan(
            plan,
            placement: placements[next.layer],
            rule: replicaRule,
            context: ReplicaContext(
                firstToken: batch.firstToken,
                sources: next.sources,
                seed: seed,
                step: Int(next.id.step),
                layer: next.layer
            )
        )
        // Without a norm the experts read the residual stream itself. A copy of it is only made for who keeps it.
        let read = next.keepsOutput || ownExperts != nil ? next.input ?? LayerInput(tokens: batch.stream) : nil
        let task = ChunkTask(
            plan: plan,
            slots: slots,
            common: ownExperts == nil ? next.visits : [],
            sources: next.sources,
            firstToken: batch.firstToken
        )
        let now = MonotonicClock.now()
        batch.pending = PendingLayer(
            work: next,
            task: task,
            input: next.keepsOutput ? read : nil,
            combiner: Combiner(
                hidden: hidden,
                form: form,
                outputBias: outputBiases[next.layer],
                outputScale: outputScale,
                commonTerms: commonTerms
            ),
            kept: read == nil ? nil : emptyOutput(tokens: batch.stream.rows),
            ranks: placements[next.layer].ranks,
            now: now
        )
        if let ownExperts, let read {
            ownExperts.begin(CoordinatorExperts.Job(layer: next.layer, input: read, visits: next.visits))
        }
        shell.machine.routed(tokens: batch.stream.rows, chunkTokens: chunkSize.tokens(of: plan), now: now)
    }

    /// Build a chunk of these tokens, or of the first of them, and send its payloads to the ranks whose credit allows
    /// it.
    func build(_ tokens: Range<Int>, of batch: MicroBatch) throws(RuntimeError) {
        // Else the machine would ask for it again, for ever.
        guard let layer = batch.pending else { throw .local("micro-batch \(batch.index) is built before it is routed") }
        work.enter(.permute, layer: layer.work.layer, batch: batch.index)
        let chunk = builder.chunk(of: layer.task, tokens: tokens)
        let encoded = encode(chunk, input: layer.work.input?.rows ?? batch.stream)
        work.enter(.messages, layer: layer.work.layer, batch: batch.index)
        try shell.send(shell.machine.built(encoded, works: encoded.works, upTo: chunk.tokens.upperBound))
    }

    private func encode(_ chunk: DispatchChunk, input: Matrix) -> ChunkInFlight {
        let (payloads, works) = encoder.encode(chunk, input: input)
        return ChunkInFlight(chunk, payloads: payloads, works: works, ready: MonotonicClock.now())
    }

    /// Combine a chunk that has all its results: sum the outputs of each of its tokens.
    func combine(_ chunk: ChunkInFlight, ofLayer layer: Int, of batch: MicroBatch) throws(RuntimeError) {
        work.enter(.combine, layer: layer, batch: batch.index)
        batch.combine(chunk, finishes: ownExperts == nil)
        work.enter(.messages, layer: layer, batch: batch.index)
        batch.pending?.add(chunk, at: MonotonicClock.now())
        try shell.send(shell.machine.combined())
    }

    /// Hand finished outputs of the coordinator's own experts, if it has any, to the micro-batches that they belong to.
    func takeOwnOutcomes(_ batches: [MicroBatch]) throws(RuntimeError) {
        while let outcome = try ownExperts?.take(), let id = shell.machine.ownExpertsDone() {
            batches[Int(id.batch)].pending?.take(outcome, at: MonotonicClock.now())
        }
    }

    /// End the layer of a micro-batch once all its chunks are combined; outputs of the coordinator's own experts are
    /// added.
    func finish(_ batch: MicroBatch) {
        if let layer = batch.pending?.work.layer, let own = batch.pending?.ownOutcome {
            work.enter(.combine, layer: layer, batch: batch.index)
            batch.finish(adding: own.outputs)
            work.enter(.messages, layer: layer, batch: batch.index)
            batch.pending?.finish(at: MonotonicClock.now())
        }
        batch.endLayer()
        shell.machine.finished()
    }

    private func emptyOutput(tokens: Int) -> CombinedLayer {
        CombinedLayer(
            output: Matrix(rows: tokens, columns: hidden),
            common: (0..<commonTerms).map { _ in Matrix(rows: tokens, columns: hidden) }
        )
    }
}

/// The number of tokens that travel as one chunk.
///
/// The size follows from the model, the tokens and the wire and not from the number of workers, so that an expert's
/// rows are grouped alike on any cluster whose credit takes such chunks. Two things bound it from both sides:
/// - small chunks let communication hide behind compute and keep rows in the caches;
/// - every chunk reads the weights of all its experts again, so each should bring an expert enough rows.
struct ChunkSize {
    /// The target for the bytes of outputs of one chunk, all ranks together; a chunk is larger where ``rowsPerExpert``
    /// asks for more tokens.
    static let replyBytes = 2 << 20
    /// The target for the mean number of rows that an expert has in one chunk; it holds for experts with weights.
    static let rowsPerExpert = 128

    private let given: Int?
    private let rowBytes: Int
    private let experts: Int
    private let hasWeights: Bool

    init(_ setup: SessionSetup) {
        given = setup.chunkTokens
        rowBytes = RowEncoding.byteCount(columns: setup.model.hidden, as: setup.form.combine)
        experts = setup.model.candidates
        hasWeights = setup.model.expert.parameterCount > 0
    }

    /// The most tokens of one chunk when the tokens are routed by `plan`.
    func tokens(of plan: DispatchPlan) -> Int {
        tokens(copiesPerToken: max(1, plan.copies / max(plan.tokens, 1)))
    }

    /// The most tokens of one chunk, at least 1, when each token has `copiesPerToken` routed copies.
    func tokens(copiesPerToken: Int) -> Int {
        if let given { return given }
        let byBytes = Self.replyBytes / (rowBytes * copiesPerToken)
        let byRows = hasWeights ? Self.rowsPerExpert * experts / copiesPerToken : 0
        return max(1, byBytes, byRows)
    }
}
