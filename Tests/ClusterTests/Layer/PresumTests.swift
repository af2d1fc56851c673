import Cluster
import MoE
import Placement
import Testing

@Suite("Sums that the workers make")
struct PresumTests {
    /// Token 0 has two experts on rank 1 and one on rank 0; token 1 one on rank 1.
    @Test func anExampleByHand() throws {
        let plan = DispatchPlan(
            experts: 4,
            copyOffsets: [0, 3, 4],
            expert: [2, 0, 3, 3],
            weight: [0.5, 0.3, 0.2, 0.9],
            position: [0, 0, 0, 1]
        )
        let placement = try LayerPlacement(experts: 4, expertsOfRank: [[0, 1], [2, 3]])
        let task = ChunkTask(
            plan: plan,
            slots: SlotPlan(plan, placement: placement),
            common: [],
            sources: SourceRanks(tokens: 2, ranks: 2)
        )
        var builder = ChunkBuilder(hidden: 8, form: .presummedSingles, byteLimit: 1 << 20)
        let chunk = builder.chunk(of: task, tokens: 0..<2)
        #expect(chunk.terms.map { [$0.rank, $0.row] } == [[0, 0], [1, 0], [1, 1]])
        #expect(chunk.termOffsets == [0, 2, 3])
        #expect(chunk.ranks[1].sentRow == [0, 0, 1])
        #expect(chunk.ranks[1].weights == [0.5, 0.2, 0.9])
    }

    @Test(arguments: UInt64(1)...80)
    func aTokenHasOneTermForEachRankAndSentRow(seed: UInt64) throws {
        let layer = try RandomLayer(seed: seed, presums: true)
        for chunk in layer.chunks(of: 1 + Int(seed) % 41) {
            for (index, token) in chunk.tokens.enumerated() {
                let terms = chunk.terms(ofToken: index).map { chunk.terms[$0] }
                let expected = chunk.ranks.flatMap { part in
                    part.inputRows.indices.filter { Int(part.inputRows[$0]) % layer.plan.tokens == token }
                        .map { [part.rank, $0] }
                }
                // In rank order, and in the order of the rows within a rank.
                #expect(terms.map { [Int($0.rank), Int($0.row)] } == expected, "seed \(seed), token \(token)")
                #expect(terms.allSatisfy { $0.weight == 1 }, "seed \(seed)")
            }
        }
    }

    /// What the rows behind a token's terms compute is what the token's sum is made of.
    @Test(arguments: UInt64(1)...80)
    func theSumsHoldEveryKeptCopyOnce(seed: UInt64) throws {
        let layer = try RandomLayer(seed: seed, presums: true)
        for chunk in layer.chunks(of: 1 + Int(seed) % 41) {
            for (index, token) in chunk.tokens.enumerated() {
                let found = chunk.terms(ofToken: index).flatMap { place in
                    let term = chunk.terms[place]
                    guard let part = chunk.part(ofRank: term.rank) else { return [Summand]() }
                    return zip(part.summands, part.sentRow).filter { $1 == term.row }.map(\.0)
                }
                #expect(counts(found) == counts(layer.summands(ofToken: token)), "seed \(seed), token \(token)")
            }
        }
    }

    private func counts(_ summands: [Summand]) -> [Summand: Int] {
        Dictionary(summands.map { ($0, 1) }, uniquingKeysWith: +)
    }
}
