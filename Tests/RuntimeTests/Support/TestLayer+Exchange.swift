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
        let inFlight = LayerInFlight(id: ExchangeID(step: 0, layer: 0, batch: 0), ranks: placement.ranks, now: 0)
        var replies = try submit(to: inFlight, chunkTokens: chunkTokens, byteLimit: byteLimit)
        var samples = Samples(seed: shuffle)
        let stamps = WorkerStamps(received: 0, started: 0, finished: 0, returned: 0)
        repeat {
            while let chunk = inFlight.takeComplete() {
                combiner.combine(chunk, stream: &stream, kept: &kept, finishes: !computesCommonHere)
            }
            guard !replies.isEmpty else { break }
            let (index, reply) = replies.remove(at: samples.integer(0...replies.count - 1))
            inFlight.collect(index, try frames.frame(reply), stamps, at: 0)
        } while true
        #expect(inFlight.combinedTokens == plan.tokens)
        var result = try #require(kept)
        if computesCommonHere { combiner.finish(adding: localParts(), stream: &stream, kept: &result) }
        return (result, stream)
    }

    /// All works with their replies.
    private func submit(
        to inFlight: LayerInFlight,
        chunkTokens: Int,
        byteLimit: Int
    ) throws -> [(index: Int, reply: AlignedBuffer)] {
        let encoder = DispatchEncoder(hidden: rows.columns, form: form)
        var builder = ChunkBuilder(
            hidden: rows.columns,
            form: form,
            byteLimit: byteLimit
        )
        var replies: [(Int, AlignedBuffer)] = []
        var ranges = ChunkRanges(tokens: plan.tokens, size: min(chunkTokens, plan.tokens))
        while let wanted = ranges.next {
            let chunk = builder.chunk(of: task, tokens: wanted)
            ranges.take(upTo: chunk.tokens.upperBound)
            let layouts = chunk.ranks.map { encoder.layout(of: $0) }
            let payloads = zip(chunk.ranks, layouts).map { encoder.encode($0, $1, input: rows) }
            let works = zip(chunk.ranks, layouts).map {
                ChunkWork(rank: $0.rank, chunk: inFlight.nextChunk, layout: $1)
            }
            inFlight.append(chunk, payloads: payloads, works: works, ready: 0)
            for (work, payload) in zip(works, payloads) {
                replies.append((replies.count, try reply(to: payload, work)))
            }
        }
        return replies
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
