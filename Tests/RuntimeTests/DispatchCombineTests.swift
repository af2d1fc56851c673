import Cluster
import CostModel
import MoE
import Placement
import Tensors
import Testing
import Transport

@testable import Runtime

/// Dispatch and combine against a plain sum, with workers that a few lines stand for.
@Suite struct DispatchCombineTests {
    /// One way to send a layer.
    struct Setup {
        var payload = DType.f32
        var workersApplyWeights = false
        var replicated: [ReplicatedVisits] = []
        /// Outputs of the replicated experts come from the coordinator.
        var computesReplicatedHere = false
        var outputBias: [Float]?
        var outputScale: Float = 1
        var creditBytes = 1 << 20

        /// The replicated experts that the ranks hold.
        var onRanks: [ReplicatedVisits] { computesReplicatedHere ? [] : replicated }
    }

    /// A layer with the rows that its experts read: the tokens, and behind them as many for a dense network.
    struct Layer {
        let plan: DispatchPlan
        let placement: Placement
        let rows: Matrix
    }

    private func layer(seed: Int) throws -> Layer {
        var samples = Samples(seed: seed)
        let experts = samples.integer(1...9)
        let plan = samples.plan(
            tokens: samples.integer(1...30),
            experts: experts,
            topK: samples.integer(1...min(3, experts)),
            drops: seed % 2 == 0,
            weightTarget: seed % 3 == 0 ? .input : .output
        )
        let policy: PlacementPolicy = seed % 3 == 0 ? .roundRobin : .contiguous
        let placement = try policy.placement(experts: experts, ranks: samples.integer(1...min(4, experts)))
        let rows = samples.matrix(rows: 2 * plan.tokens, columns: [1, 3, 16, 33][samples.integer(0...3)])
        return Layer(plan: plan, placement: placement, rows: rows)
    }

    /// What stands for expert e; the shared one is the last.
    private func expert(_ index: Int, _ input: [Float]) -> [Float] {
        input.map { $0 * (1 + 0.37 * Float(index)) - 0.11 * Float(index) }
    }

    private func rounded(_ values: [Float], _ dtype: DType) -> [Float] {
        dtype == .f32 ? values : values.map { BFloat16($0).float }
    }

    /// The result as bytes, computed as a worker would: by the table at the head of the payload.
    private func reply(to batch: OutgoingBatch, _ layer: Layer, _ setup: Setup) throws -> AlignedBuffer {
        let rank = batch.work.rank
        let bytes = unsafe batch.payload.withUnsafeBytes { unsafe Array($0) }
        let envelope = Envelope(
            kind: .dispatch,
            dtype: setup.payload,
            segments: UInt32(batch.work.segments),
            rows: UInt32(batch.work.rows),
            payloadBytes: UInt64(batch.work.dispatchBytes)
        )
        let held = layer.placement.experts(onRank: rank)
        let layout = try BatchLayout(
            envelope: envelope,
            table: Array(bytes.prefix(batch.work.segments * 8)),
            slots: held.count + setup.onRanks.count,
            hidden: layer.rows.columns,
            carriesWeights: setup.workersApplyWeights
        )
        #expect(layout.byteCount == bytes.count)
        var outputs: [Float] = []
        var row = 0
        for segment in layout.segments {
            let further = segment.slot - held.count
            let index = further < 0 ? held[segment.slot] : layer.plan.experts + further
            for _ in 0..<segment.rows {
                let input = floats(bytes, at: layout.rowsOffset + row * layout.rowBytes, layout.hidden, setup.payload)
                let weight =
                    setup.workersApplyWeights ? floats(bytes, at: layout.weightsOffset + row * 4, 1, .f32)[0] : 1
                outputs += expert(index, input).map { setup.workersApplyWeights ? $0 * weight : $0 }
                row += 1
            }
        }
        return RowEncoding.encode(outputs, as: setup.payload)
    }

    private func floats(_ bytes: [UInt8], at offset: Int, _ count: Int, _ dtype: DType) -> [Float] {
        (0..<count).map { index in
            let start = offset + index * dtype.byteCount
            let bits = (0..<dtype.byteCount).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) }
            return dtype == .f32 ? Float(bitPattern: bits) : BFloat16(bitPattern: UInt16(bits)).float
        }
    }

    /// Sends all batches through the stand-ins, collects in a shuffled order and combines.
    private func combined(_ layer: Layer, _ setup: Setup, frames: FrameMaker, shuffle: Int) throws -> Matrix {
        let batches = LayerBatches(
            plan: layer.plan,
            placement: layer.placement,
            replicated: setup.onRanks
        )
        let encoder = DispatchEncoder(
            hidden: layer.rows.columns,
            payload: setup.payload,
            carriesWeights: setup.workersApplyWeights,
            creditBytes: setup.creditBytes
        )
        var samples = Samples(seed: shuffle)
        var outgoing = encoder.encode(batches, input: layer.rows)
        var collected: [CollectedBatch] = []
        while !outgoing.isEmpty {
            let batch = outgoing.remove(at: samples.integer(0...outgoing.count - 1))
            collected.append(
                CollectedBatch(
                    rank: batch.work.rank,
                    rows: batch.rows,
                    payload: try frames.frame(try reply(to: batch, layer, setup)),
                    stamps: ChunkStamps(handedOver: 0, received: 0, started: 0, finished: 0, returned: 0, collected: 0)
                )
            )
        }
        return Combiner(
            plan: layer.plan,
            batches: batches,
            replicated: setup.replicated,
            hidden: layer.rows.columns,
            payload: setup.payload,
            appliesGateWeights: !setup.workersApplyWeights,
            outputBias: setup.outputBias,
            outputScale: setup.outputScale
        ).combine(collected, local: setup.computesReplicatedHere ? local(layer, setup) : []).output
    }

    /// What the coordinator computes itself.
    private func local(_ layer: Layer, _ setup: Setup) -> [Matrix] {
        setup.replicated.enumerated().map { index, visits in
            let values = (0..<layer.plan.tokens).flatMap { token in
                expert(layer.plan.experts + index, Array(layer.rows.row(visits.firstRow + token)))
            }
            return Matrix(rows: layer.plan.tokens, columns: layer.rows.columns, values: values)
        }
    }

    /// The same by a plain loop over tokens and copies.
    private func plainSum(_ layer: Layer, _ setup: Setup) -> Matrix {
        var sum = Matrix(rows: layer.plan.tokens, columns: layer.rows.columns)
        for token in 0..<layer.plan.tokens {
            func add(_ index: Int, row: Int, inputWeight: Float, weight: Float, travels: Bool = true) {
                let input = layer.rows.row(row).map { inputWeight * $0 }
                let output = expert(index, travels ? rounded(input, setup.payload) : input)
                var arrived = output
                if travels && setup.workersApplyWeights {
                    arrived = rounded(output.map { $0 * weight }, setup.payload)
                } else {
                    arrived = (travels ? rounded(output, setup.payload) : output).map { weight * $0 }
                }
                for (column, value) in arrived.enumerated() { sum[token, column] += value }
            }
            for copy in layer.plan.copies(ofToken: token) where layer.plan.isKept(copy) {
                let weight = layer.plan.weight[copy]
                let isInput = layer.plan.weightTarget == .input
                let expert = Int(layer.plan.expert[copy])
                add(expert, row: token, inputWeight: isInput ? weight : 1, weight: isInput ? 1 : weight)
            }
            for (index, visits) in setup.replicated.enumerated() {
                add(
                    layer.plan.experts + index,
                    row: visits.firstRow + token,
                    inputWeight: 1,
                    weight: visits.weights?[token] ?? 1,
                    travels: !setup.computesReplicatedHere
                )
            }
            for column in 0..<layer.rows.columns {
                if let bias = setup.outputBias { sum[token, column] += bias[column] }
                sum[token, column] *= setup.outputScale
            }
        }
        return sum
    }

    /// No further experts; a plain one; a weighed one and one that reads rows of its own, here or on the ranks.
    private func setup(_ seed: Int, _ layer: Layer, _ payload: DType, _ workersApplyWeights: Bool) -> Setup {
        var samples = Samples(seed: 1000 + seed)
        var setup = Setup(
            payload: payload,
            workersApplyWeights: workersApplyWeights,
            creditBytes: seed % 5 == 0 ? 1 << 20 : 600
        )
        if seed % 4 == 1 { setup.replicated = [ReplicatedVisits()] }
        if seed % 4 > 1 {
            let weights = (0..<layer.plan.tokens).map { _ in samples.number() }
            setup.replicated = [ReplicatedVisits(weights: weights), ReplicatedVisits(firstRow: layer.plan.tokens)]
            setup.outputBias = (0..<layer.rows.columns).map { _ in samples.number() }
            setup.outputScale = 0.75
        }
        setup.computesReplicatedHere = seed % 8 > 4
        return setup
    }

    @Test(arguments: [DType.f32, .bf16], [false, true])
    func combineIsAPlainSum(payload: DType, workersApplyWeights: Bool) throws {
        let frames = try FrameMaker()
        for seed in 0..<24 {
            let layer = try layer(seed: seed)
            let setup = setup(seed, layer, payload, workersApplyWeights)
            let expected = plainSum(layer, setup)
            // Bit for bit, in any order of arrival.
            for shuffle in 0..<2 {
                let result = try combined(layer, setup, frames: frames, shuffle: shuffle)
                #expect(
                    result.values.map(\.bitPattern) == expected.values.map(\.bitPattern),
                    "seed \(seed), shuffle \(shuffle)"
                )
            }
        }
    }

    @Test func chunksKeepWithinHalfTheCredit() throws {
        for seed in 0..<24 {
            let layer = try layer(seed: seed)
            let batches = LayerBatches(plan: layer.plan, placement: layer.placement, replicated: [ReplicatedVisits()])
            let credit = 1200
            let encoder = DispatchEncoder(
                hidden: layer.rows.columns,
                payload: .f32,
                carriesWeights: false,
                creditBytes: credit
            )
            let outgoing = encoder.encode(batches, input: layer.rows)
            for rank in 0..<layer.placement.ranks {
                let mine = outgoing.filter { $0.work.rank == rank }
                #expect(mine.map(\.work.chunk) == Array(0..<mine.count), "seed \(seed)")
                #expect(mine.flatMap { Array($0.rows) } == Array(0..<batches.ranks[rank].rows), "seed \(seed)")
                for batch in mine {
                    let rows = batch.work.rows * layer.rows.columns * 4
                    #expect(batch.work.rows <= RowBlock.size || 2 * rows <= credit / 2, "seed \(seed)")
                    #expect(batch.work.dispatchBytes == batch.payload.byteCount)
                    #expect(batch.work.replyBytes == rows)
                }
            }
            // Ranks take turns.
            #expect(outgoing.map(\.work.chunk) == outgoing.map(\.work.chunk).sorted(), "seed \(seed)")
        }
    }

    @Test func tokensThatLostAllTheirCopiesGetZeros() throws {
        let plan = DispatchPlan(
            experts: 2,
            copyOffsets: [0, 1, 2],
            expert: [0, 1],
            weight: [1, 1],
            position: [DispatchPlan.dropped, 0]
        )
        let placement = try PlacementPolicy.contiguous.placement(experts: 2, ranks: 2)
        let layer = Layer(plan: plan, placement: placement, rows: Matrix(rows: 2, columns: 2, repeating: 3))
        let result = try combined(layer, Setup(), frames: FrameMaker(), shuffle: 0)
        #expect(Array(result.row(0)) == [0, 0])
        #expect(Array(result.row(1)) == expert(1, [3, 3]))
    }
}
