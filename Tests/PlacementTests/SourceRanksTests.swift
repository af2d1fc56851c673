import Testing

@testable import Placement

@Suite("Owners of tokens")
struct SourceRanksTests {
    @Test func theFirstRanksOwnOneMore() {
        let sources = SourceRanks(tokens: 10, ranks: 4)
        #expect((0..<4).map { sources.tokens(ofRank: $0) } == [0..<3, 3..<6, 6..<8, 8..<10])
        #expect((0..<10).map { sources.rank(ofToken: $0) } == [0, 0, 0, 1, 1, 1, 2, 2, 3, 3])
    }

    @Test func rangesAndOwnersAgree() {
        for tokens in 0...12 {
            for ranks in 1...15 {
                let sources = SourceRanks(tokens: tokens, ranks: ranks)
                var next = 0
                for rank in 0..<ranks {
                    let owned = sources.tokens(ofRank: rank)
                    #expect(owned.lowerBound == next, "\(tokens) tokens on \(ranks) ranks")
                    #expect(owned.allSatisfy { sources.rank(ofToken: $0) == rank })
                    next = owned.upperBound
                }
                #expect(next == tokens)
            }
        }
    }
}
