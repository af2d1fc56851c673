import Cluster
import MoE
import Placement
import Tensors
import Testing

@Suite("Chunks of a layer")
struct DispatchChunkTests {
    /// Four experts on two ranks, experts 3 and 0 on rank 0; three tokens with two copies each, one of them dropped.
    @Test func anExampleByHand() throws {
        let plan = DispatchPlan(
            experts: 4,
            copyOffsets: [0, 2, 4, 6],
            expert: [3, 1, 0, 3, 1, 3],
            weight: [0.6, 0.4, 0.7, 0.3, 0.8, 0.2],
            position: [0, 0, 0, 1, 1, DispatchPlan.dropped]
        )
        let placement = try LayerPlacement(experts: 4, expertsOfRank: [[3, 0], [1, 2]])
        let sources = SourceRanks(tokens: 3, ranks: 2)
        let task = ChunkTask(
            plan: plan,
            slots: SlotPlan(plan, placement: placement),
            common: [CommonVisits()],
            sources: sources
        )
        var builder = ChunkBuilder(hidden: 8, form: .singles, byteLimit: 1 << 20)
        let chunk = builder.chunk(of: task, tokens: 0..<3)
        #expect(chunk.tokens == 0..<3)
        #expect(chunk.ranks.map(\.rank) == [0, 1])
        let (first, second) = (chunk.ranks[0], chunk.ranks[1])
        // Expert 3: tokens 0 and 1; expert 0: token 1; the shared expert: tokens 0 and 1, which this rank owns.
        #expect(first.segments == [.init(slot: 0, rows: 2), .init(slot: 1, rows: 1), .init(slot: 2, rows: 2)])
        #expect(first.inputRows == [0, 1])
        #expect(first.sentRow == [0, 1, 1, 0, 1])
        #expect(first.weights == [0.6, 0.3, 0.7, 1, 1])
        #expect(first.routedRows == 3)
        #expect(second.segments == [.init(slot: 0, rows: 2), .init(slot: 2, rows: 1)])
        #expect(second.inputRows == [0, 2])
        #expect(second.sentRow == [0, 1, 1])
        #expect(second.weights == [0.4, 0.8, 1])
        #expect(chunk.termOffsets == [0, 3, 6, 8])
        #expect(
            chunk.terms.map { [$0.rank, $0.row] }
                == [[0, 0], [1, 0], [0, 3], [0, 2], [0, 1], [0, 4], [1, 1], [1, 2]]
        )
        #expect(chunk.terms.map(\.weight) == [0.6, 0.4, 1, 0.7, 0.3, 1, 0.8, 1])
    }

    /// Experts 2 and 3 are identity experts: they have no rows and no terms, and each token's own input is added with the
    /// weight of its kept copies for them; a token with no other copy still has its sum.
    @Test(arguments: [false, true])
    func copiesForIdentityExpertsStayWithTheirTokens(readsStream: Bool) throws {
        let plan = DispatchPlan(
            experts: 4,
            copyOffsets: [0, 3, 5, 6],
            expert: [2, 0, 3, 3, 2, 1],
            weight: [0.5, 2, 0.25, 1, 8, 4],
            position: [0, 0, 0, 1, DispatchPlan.dropped, 0]
        )
        let placement = try LayerPlacement(experts: 2, expertsOfRank: [[0], [1]])
        let task = ChunkTask(
            plan: plan,
            slots: SlotPlan(plan, placement: placement),
            common: [],
            sources: SourceRanks(tokens: 3, ranks: 2)
        )
        var builder = ChunkBuilder(hidden: 2, form: .singles, byteLimit: 1 << 20)
        let chunk = builder.chunk(of: task, tokens: 0..<3)
        #expect(chunk.ranks.map(\.inputRows) == [[0], [2]])
        #expect(chunk.termOffsets == [0, 1, 1, 2] && chunk.terms.map(\.weight) == [2, 4])
        #expect(chunk.identityWeights == [0.75, 1, 0])
        var combiner = Combiner(hidden: 2, form: .singles, outputBias: [1, 1], outputScale: 2, commonTerms: 0)
        let input = Matrix(rows: 3, columns: 2, values: [4, 8, 3, 5, 7, 9])
        var stream = readsStream ? input : Matrix(rows: 3, columns: 2)
        let before = stream
        var kept: CombinedLayer? = CombinedLayer(output: Matrix(rows: 3, columns: 2), common: [])
        // What experts 0 and 1 return for tokens 0 and 2.
        let outputs: [[Float]] = [[10, 20], [30, 40]]
        unsafe outputs[0].withUnsafeBytes { first in
            unsafe outputs[1].withUnsafeBytes { second in
                unsafe combiner.combine(
                    chunk,
                    outputs: [first.baseAddress, second.baseAddress],
                    input: readsStream ? nil : input,
                    stream: &stream,
                    kept: &kept,
                    finishes: true
                )
            }
        }
        let expected: [Float] = [48, 94, 8, 12, 242, 322]
        #expect(kept?.output.values == expected)
        #expect(stream.values == zip(before.values, expected).map { $0 + $1 })
    }

    @Test(arguments: UInt64(1)...80)
    func everyKeptCopyIsOneTermInTheOrderOfChoice(seed: UInt64) throws {
        let layer = try RandomLayer(seed: seed)
        for chunk in layer.chunks(of: 1 + Int(seed) % 41) {
            for (index, token) in chunk.tokens.enumerated() {
                let expected = layer.summands(ofToken: token)
                #expect(chunk.summands(ofToken: index) == expected, "seed \(seed), token \(token)")
                let weights = chunk.terms(ofToken: index).map { chunk.terms[$0].weight }
                let carried = expected.map { layer.form.carriesWeights ? 1 : $0.weight }
                #expect(weights == carried, "seed \(seed), token \(token)")
            }
        }
    }

    @Test(arguments: UInt64(1)...80)
    func everyRowIsTheRowOfOneTerm(seed: UInt64) throws {
        let layer = try RandomLayer(seed: seed)
        for chunk in layer.chunks(of: 1 + Int(seed) % 41) {
            let named = chunk.terms.map { [Int($0.rank), Int($0.row)] }
            let rows = chunk.ranks.flatMap { part in (0..<part.rows).map { [part.rank, $0] } }
            #expect(named.sorted { $0.lexicographicallyPrecedes($1) } == rows, "seed \(seed)")
        }
    }

    @Test(arguments: UInt64(1)...80)
    func rowsOfAnExpertAreInTokenOrder(seed: UInt64) throws {
        let layer = try RandomLayer(seed: seed, presums: nil)
        for part in layer.chunks(of: 1 + Int(seed) % 41).flatMap(\.ranks) {
            var rows = part.summands.map(\.inputRow)[...]
            for segment in part.segments {
                let own = rows.prefix(segment.rows)
                #expect(zip(own, own.dropFirst()).allSatisfy { $0 < $1 }, "seed \(seed)")
                rows = rows.dropFirst(segment.rows)
            }
            let slots = part.segments.map(\.slot)
            #expect(rows.isEmpty && part.segments.allSatisfy { $0.rows > 0 }, "seed \(seed)")
            #expect(zip(slots, slots.dropFirst()).allSatisfy { $0 < $1 }, "seed \(seed): a slot has two segments")
        }
    }

    @Test(arguments: UInt64(1)...80)
    func rowsForEveryTokenStandLast(seed: UInt64) throws {
        let layer = try RandomLayer(seed: seed, presums: nil)
        for part in layer.chunks(of: 1 + Int(seed) % 41).flatMap(\.ranks) {
            let slots = layer.placement.slots(onRank: part.rank).count
            let isRouted = part.summands.map { $0.slot < slots }
            let expected = (0..<part.rows).map { $0 < part.routedRows }
            #expect(isRouted == expected, "seed \(seed)")
        }
    }

    /// A step of eight tokens on two ranks; the micro-batch is its beginning, its end or its middle.
    @Test func aMicroBatchVisitsTheRanksOfItsOwnTokens() throws {
        let plan = DispatchPlan(experts: 2, copyOffsets: [0, 0, 0, 0, 0], expert: [], weight: [], position: [])
        let placement = try LayerPlacement(experts: 2, expertsOfRank: [[0], [1]])
        var builder = ChunkBuilder(hidden: 8, form: .singles, byteLimit: 1 << 20)
        let visits = [0, 4, 2].map { firstToken in
            let task = ChunkTask(
                plan: plan,
                slots: SlotPlan(plan, placement: placement, context: ReplicaContext(firstToken: firstToken)),
                common: [CommonVisits()],
                sources: SourceRanks(tokens: 8, ranks: 2),
                firstToken: firstToken
            )
            return builder.chunk(of: task, tokens: 0..<4).ranks.map { [$0.rank, $0.rows] }
        }
        #expect(visits == [[[0, 4]], [[1, 4]], [[0, 2], [1, 2]]])
    }

    @Test func tokensWithoutAnyCopyMakeAChunkWithoutRanks() throws {
        let dropped = DispatchPlan.dropped
        let plan = DispatchPlan(experts: 1, copyOffsets: [0, 1, 1], expert: [0], weight: [1], position: [dropped])
        let placement = try LayerPlacement(experts: 1, expertsOfRank: [[0]])
        let task = ChunkTask(
            plan: plan,
            slots: SlotPlan(plan, placement: placement),
            common: [],
            sources: SourceRanks(tokens: 2, ranks: 1)
        )
        for form in [RowForm.singles, .presummedSingles] {
            var builder = ChunkBuilder(hidden: 8, form: form, byteLimit: 1)
            let chunk = builder.chunk(of: task, tokens: 0..<2)
            #expect(chunk.tokens == 0..<2)
            #expect(chunk.ranks.isEmpty && chunk.terms.isEmpty)
            #expect(chunk.termOffsets == [0, 0, 0])
        }
    }

    /// Rows of slots add up to the kept copies of their expert, and of ranks to all of them.
    @Test(arguments: UInt64(1)...80)
    func slotsAndRanksHaveTheKeptCopies(seed: UInt64) throws {
        let layer = try RandomLayer(seed: seed, presums: nil)
        let loads = ExpertLoads(layer.plan).kept
        var found = [Int](repeating: 0, count: layer.plan.experts)
        let parts = layer.chunks(of: 1 + Int(seed) % 41).flatMap(\.ranks)
        for part in parts {
            let held = layer.placement.experts(onRank: part.rank)
            for segment in part.segments where segment.slot < held.count { found[held[segment.slot]] += segment.rows }
        }
        #expect(found == loads, "seed \(seed)")
        #expect(parts.reduce(0) { $0 + $1.routedRows } == loads.reduce(0, +), "seed \(seed)")
    }

    /// One builder makes the chunks of layers whose ranks hold other experts, more of them or fewer.
    @Test(arguments: UInt64(1)...30)
    func aBuilderServesLayersOfAnyPlacement(seed: UInt64) throws {
        let layers = try (0..<4).map { try RandomLayer(seed: seed * 4 + $0) }
        var used = ChunkBuilder(hidden: 8, form: layers[0].form, byteLimit: .max)
        for layer in layers where layer.plan.tokens > 0 {
            var fresh = ChunkBuilder(hidden: 8, form: layers[0].form, byteLimit: .max)
            let tokens = 0..<layer.plan.tokens
            let isSame = used.chunk(of: layer.task, tokens: tokens) == fresh.chunk(of: layer.task, tokens: tokens)
            #expect(isSame, "seed \(layer.seed)")
        }
    }

    /// A builder that has made other chunks makes the same one as a fresh builder.
    @Test(arguments: UInt64(1)...30)
    func aBuilderForgetsTheChunksBefore(seed: UInt64) throws {
        let layer = try RandomLayer(seed: seed, presums: nil)
        guard layer.plan.tokens > 0 else { return }
        var used = ChunkBuilder(hidden: 8, form: layer.form, byteLimit: .max)
        for start in 0..<layer.plan.tokens {
            let tokens = start..<layer.plan.tokens
            var fresh = ChunkBuilder(hidden: 8, form: layer.form, byteLimit: .max)
            let isSame = used.chunk(of: layer.task, tokens: tokens) == fresh.chunk(of: layer.task, tokens: tokens)
            #expect(isSame, "seed \(seed), token \(start)")
        }
    }
}
