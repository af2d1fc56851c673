internal import Cluster
internal import Experts
internal import MoE
internal import Placement
internal import Runtime
internal import Tensors

/// The measurement of the coordinator's work on the tokens of a layer, with the code of runs.
struct CoordinatorMeasurement {
    let tokens: Int
    let hidden: Int
    let experts: Int
    let topK: Int
    let form: RowForm

    /// The times of each kind of work for all tokens, in seconds.
    struct Times {
        let norm: Repeats
        let routing: Repeats
        let permute: Repeats
        let encode: Repeats
        let sum: Repeats
        /// The number of rows that are sent per token.
        let sentPerToken: Double
    }

    func times(repeats: Int) throws -> Times {
        let stream = Matrix.random(rows: tokens, columns: hidden)
        let gate = Matrix.random(rows: experts, columns: hidden)
        let projection = try Projection(compute: ComputeEngine(threads: 1), matrix: gate)
        let logits = try projection(stream)
        let batch = RouterBatch(
            tokens: tokens,
            experts: experts,
            projections: [logits],
            random: CounterRandom(seed: 1, purpose: .routerNoise, 0, 0)
        )
        var options = RouterOptions()
        options.topK = topK
        let router = try RouterCatalogue.router(named: "softmax-top-k", options: options)
        var state = RouterState(selectionBias: [])
        let plan = try router.route(batch, state: &state).plan
        let placement = try PlacementPolicy.contiguous.layerPlacement(experts: experts, ranks: 2)
        func task() -> ChunkTask {
            ChunkTask(
                plan: plan,
                slots: SlotPlan(plan, placement: placement),
                common: [],
                sources: SourceRanks(tokens: tokens, ranks: 2)
            )
        }
        var builder = ChunkBuilder(hidden: hidden, form: form, byteLimit: 1 << 30)
        let chunk = builder.chunk(of: task(), tokens: 0..<tokens)
        return Times(
            norm: Repeats(repeats) { _ = RMSNorm.apply(stream) },
            routing: try Repeats(repeats) { _ = try router.route(batch, state: &state) },
            permute: Repeats(repeats) { _ = builder.chunk(of: task(), tokens: 0..<tokens) },
            encode: encode(chunk, stream, repeats),
            sum: sum(chunk, repeats),
            sentPerToken: Double(chunk.ranks.reduce(0) { $0 + $1.inputRows.count }) / Double(tokens)
        )
    }

    /// Time the encoding of a chunk. As in a run, payloads stay in memory while later ones are written.
    private func encode(_ chunk: DispatchChunk, _ stream: Matrix, _ repeats: Int) -> Repeats {
        let encoder = DispatchEncoder(hidden: hidden, form: form)
        var underWay: [AlignedBuffer] = []
        return Repeats(repeats) {
            for part in chunk.ranks {
                underWay.append(encoder.encode(part, encoder.layout(of: part), input: stream))
            }
            if underWay.count > StepBounds.chunksOut * chunk.ranks.count { underWay.removeFirst(chunk.ranks.count) }
        }
    }

    /// Time the sum of made-up outputs of a chunk, as in a combine.
    private func sum(_ chunk: DispatchChunk, _ repeats: Int) -> Repeats {
        let rowBytes = RowEncoding.byteCount(columns: hidden, as: form.combine)
        let outputs = chunk.ranks.map { AlignedBuffer(byteCount: $0.rows * rowBytes) }
        let places = chunk.ranks.map(\.rank)
        var stream = Matrix(rows: tokens, columns: hidden)
        var row = [Float](repeating: 0, count: hidden)
        var sum = RowSum(columns: hidden, dtype: form.combine)
        return Repeats(repeats) {
            for token in 0..<tokens {
                sum.removeAll()
                for index in chunk.terms(ofToken: token) {
                    let term = chunk.terms[index]
                    guard let rank = places.firstIndex(of: Int(term.rank)) else { continue }
                    unsafe sum.add(term.weight, UnsafeRawPointer(outputs[rank].start) + Int(term.row) * rowBytes)
                }
                unsafe row.withUnsafeMutableBufferPointer { target in
                    if let start = target.baseAddress { unsafe sum.write(to: start) }
                }
                stream.add(row, toRow: token)
            }
        }
    }
}

extension Matrix {
    /// Create a matrix of random values of variance 1.
    fileprivate static func random(rows: Int, columns: Int) -> Matrix {
        var matrix = Matrix(rows: rows, columns: columns)
        let random = CounterRandom(seed: 1, purpose: .routerWeights, rows, columns)
        random.fill(&matrix.values, bound: Float(3).squareRoot())
        return matrix
    }
}

/// The times of repeats of the same work.
struct Repeats: Sendable {
    /// The time of each repeat in seconds, in rising order.
    let sorted: [Double]

    /// Run `body` twice unmeasured, then `count` times measured, in processor time of this thread: other processes then
    /// count as far as they slow the caches down, but not for the time during which they hold the core.
    init(_ count: Int, _ body: () throws -> Void) rethrows {
        for _ in 0..<2 { try body() }
        var seconds: [Double] = []
        for _ in 0..<count {
            let started = MonotonicClock.ofThread()
            try body()
            seconds.append((MonotonicClock.ofThread() - started).seconds)
        }
        self.init(seconds)
    }

    init(_ seconds: [Double]) {
        sorted = seconds.sorted()
    }

    /// The median time of a repeat, in seconds.
    var median: Double { quantile(0.5) }

    /// A time with little disturbance by other processes, in seconds: the first quartile.
    var undisturbed: Double { quantile(0.25) }

    /// The spread of the times: half of the interquartile range, relative to the median.
    var spread: Double { median > 0 ? (quantile(0.75) - quantile(0.25)) / 2 / median : 0 }

    private func quantile(_ share: Double) -> Double {
        guard let last = sorted.last else { return .nan }
        let place = share * Double(sorted.count - 1)
        let below = Int(place)
        guard below + 1 < sorted.count else { return last }
        return sorted[below] + (place - Double(below)) * (sorted[below + 1] - sorted[below])
    }
}
