import Cluster
import MoE
import Placement
import Tensors
import Testing
import Transport

@testable import Runtime

extension TestLayer {
    /// Sends all chunks through stand-ins for workers, collects what comes back in a shuffled order and combines each
    /// chunk when it is complete.
    ///
    /// - Returns: the layer's outputs, and what became of a residual stream.
    func combined(
        chunkTokens: Int = .max,
        byteLimit: Int = .max,
        stream initial: Matrix? = nil,
        frames: FrameMaker,
        shuffle: Int
    ) throws -> (kept: CombinedLayer, stream: Matrix) {
        var stream = initial ?? Matrix(rows: plan.tokens, columns: rows.columns)
        var kept: CombinedLayer? = CombinedLayer(
            output: Matrix(rows: plan.tokens, columns: rows.columns),
            common: onRanks.map { _ in Matrix(rows: plan.tokens, columns: rows.columns) }
        )
        var combiner = Combiner(
            hidden: rows.columns,
            form: form,
            outputBias: outputBias,
            outputScale: outputScale,
            commonTerms: onRanks.count
        )
        var machine = StepMachine<ChunkInFlight>(
            StepBounds(
                credits: [Int](repeating: .max, count: placement.ranks),
                depth: .max,
                patience: 1,
                hasOwnExperts: false
            )
        )
        for rank in 0..<placement.ranks { #expect(machine.joined(rank: rank).isEmpty) }
        machine.begin([ExchangeID(step: 0, layer: 0, batch: 0)])
        let encoder = DispatchEncoder(hidden: rows.columns, form: form)
        var builder = ChunkBuilder(hidden: rows.columns, form: form, byteLimit: byteLimit)
        var out: [StepMachine<ChunkInFlight>.Handover] = []
        var samples = Samples(seed: shuffle)
        let stamps = WorkerStamps(received: 0, started: 0, finished: 0, returned: 0)
        steps: while true {
            switch machine.next {
            case .route:
                machine.routed(tokens: plan.tokens, chunkTokens: min(chunkTokens, plan.tokens), now: 0)
            case .build(_, let tokens):
                let chunk = builder.chunk(of: task, tokens: tokens)
                let (payloads, works) = encoder.encode(chunk, input: rows)
                let built = ChunkInFlight(chunk, payloads: payloads, works: works, ready: 0)
                out += machine.built(built, works: built.works, upTo: chunk.tokens.upperBound)
            case .combine(let chunk, _):
                unsafe combiner.combine(
                    chunk.chunk,
                    outputs: chunk.outputs,
                    input: rows,
                    stream: &stream,
                    kept: &kept,
                    finishes: !computesCommonHere
                )
                withExtendedLifetime(chunk) {}
                out += machine.combined()
            case .finish: machine.finished()
            case .look: machine.looked()
            case .wait:
                let next = out.remove(at: samples.integer(0...out.count - 1))
                let reply = try reply(to: next.chunk.payloads[next.part], next.work)
                next.chunk.collect(next.part, try frames.frame(reply), stamps, at: 0)
                #expect(machine.collected(next.piece)?.part == next.part)
            case .end: break steps
            }
        }
        #expect(out.isEmpty)
        var result = try #require(kept)
        if computesCommonHere { combiner.finish(adding: localParts(), stream: &stream, kept: &result) }
        return (result, stream)
    }

    /// The result as bytes, computed as a worker would: by table, weights and index at the head of the payload.
    private func reply(to payload: AlignedBuffer, _ work: ChunkWork) throws -> AlignedBuffer {
        let bytes = unsafe payload.withUnsafeBytes { unsafe Array($0) }
        let held = placement.experts(onRank: work.rank)
        let layout = try BatchLayout(
            envelope: Envelope(
                kind: .dispatch,
                dtype: form.dispatch,
                segments: UInt32(work.segments),
                rows: UInt32(work.rows),
                sentRows: UInt32(work.sentRows),
                payloadBytes: UInt64(work.dispatchBytes)
            ),
            table: Array(bytes.prefix(work.segments * 8)),
            slots: held.count + onRanks.count,
            hidden: rows.columns,
            form: form
        )
        #expect(layout.byteCount == bytes.count)
        var outputs = [[Float]](repeating: [Float](repeating: 0, count: layout.hidden), count: layout.replyRows)
        var row = 0
        for segment in layout.segments {
            let further = segment.slot - held.count
            let index = further < 0 ? held[segment.slot] : plan.experts + further
            for _ in 0..<segment.rows {
                let word = bytes[layout.indexOffset + row * 4..<layout.indexOffset + row * 4 + 4]
                let sent = word.reversed().reduce(0) { $0 << 8 | Int($1) }
                let place = layout.rowsOffset + sent * layout.sentRowBytes
                let output = expert(index, Self.decoded(bytes, at: place, layout.hidden, form.dispatch))
                let weight =
                    form.carriesWeights ? Self.decoded(bytes, at: layout.weightsOffset + row * 4, 1, .f32)[0] : 1
                let target = form.presums ? sent : row
                for (column, value) in output.enumerated() {
                    outputs[target][column] += form.carriesWeights ? weight * value : value
                }
                row += 1
            }
        }
        return try joined(outputs.map { RowEncoding.encode($0, as: form.combine) })
    }

    private func joined(_ rows: [AlignedBuffer]) throws -> AlignedBuffer {
        var bytes: [UInt8] = []
        for row in rows { bytes += unsafe row.withUnsafeBytes { unsafe Array($0) } }
        let buffer = AlignedBuffer(byteCount: bytes.count)
        unsafe buffer.withUnsafeMutableBytes { unsafe $0.copyBytes(from: bytes) }
        return buffer
    }
}
