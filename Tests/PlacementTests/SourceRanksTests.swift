import Testing

@testable import Placement

@Suite("Owners of tokens")
struct SourceRanksTests {
    @Test func theFirstRanksOwnOneMore() {
        let sources = SourceRanks(tokens: 10, ranks: 4)
        #expect(sources.counts == [3, 3, 2, 2])
        #expect((0..<10).map { sources.rank(ofToken: $0) } == [0, 0, 0, 1, 1, 1, 2, 2, 3, 3])
    }

    @Test func countsAndOwnersAgree() {
        for tokens in 0...12 {
            for ranks in 1...15 {
                let sources = SourceRanks(tokens: tokens, ranks: ranks)
                let owners = (0..<tokens).map { sources.rank(ofToken: $0) }
                #expect(owners == owners.sorted(), "\(tokens) tokens on \(ranks) ranks")
                #expect(sources.counts == (0..<ranks).map { rank in owners.count { $0 == rank } })
            }
        }
    }

    /// Ranks without tokens stand between others, and own none.
    @Test func raggedBatchesHaveRunsOfAnyLength() {
        let sources = SourceRanks(counts: [0, 3, 0, 1, 0])
        #expect((0..<4).map { sources.rank(ofToken: $0) } == [1, 1, 1, 3])
        #expect(sources.counts == [0, 3, 0, 1, 0])
    }

    @Test func tokensMayNameTheirRanks() {
        let listed = SourceRanks(tokens: 4, ranks: 3, listed: [2, 0, 2, 1], counts: nil)
        #expect((0..<4).map { listed.rank(ofToken: $0) } == [2, 0, 2, 1])
        #expect(listed.counts == [1, 1, 2])
        let counted = SourceRanks(tokens: 4, ranks: 3, listed: [2, 0, 2, 1], counts: [4, 0, 0])
        #expect(counted == SourceRanks(counts: [4, 0, 0]))
        #expect(SourceRanks(tokens: 4, ranks: 3, listed: nil, counts: nil) == SourceRanks(tokens: 4, ranks: 3))
    }
}
