import Tensors
import Testing

@testable import MoE

@Suite("Contests for places")
struct CapacityContestTests {
    /// Four tokens, two choices each; expert 0 is wanted by all.
    private func places(_ rule: CapacityRule, sequences: [Int]? = nil) throws -> [Int32] {
        var batch = RouterBatch(Matrix(rows: 4, columns: 3))
        batch.sequenceLengths = sequences
        batch.givenNumbers[.contest] = [0.9, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
        var choices = ChoiceTable(
            experts: 3,
            topK: 2,
            expert: [1, 0, 0, 2, 0, 1, 2, 0],
            weight: [0.5, 0.3, 0.6, 0.4, 0.7, 0.1, 0.9, 0.8]
        )
        try QueueContest(rule, batch: batch).settle(&choices)
        return choices.place
    }

    @Test(arguments: [
        (ContestOrder.position, [0, 0, 1, 0, -1, 1, 1, -1] as [Int32]),
        (.choice, [0, -1, 0, 1, 1, 1, 0, -1]),
        (.probability, [0, -1, -1, 1, 1, 1, 0, 0]),
        (.batchPrioritised, [0, -1, 1, 1, 0, 1, 0, -1]),
        (.random, [1, 0, 1, 0, -1, 0, 1, -1]),
    ])
    func ordersDiffer(order: ContestOrder, expected: [Int32]) throws {
        #expect(try places(CapacityRule(size: .slots(2), order: order)) == expected)
    }

    @Test func groupsHaveQueuesOfTheirOwn() throws {
        let rule = CapacityRule(size: .slots(1), scope: .groups, group: 2)
        #expect(try places(rule) == [0, 0, -1, 0, 1, 1, 1, -1])
        let bySequence = CapacityRule(size: .slots(1), scope: .sequences)
        #expect(try places(bySequence, sequences: [1, 3]) == [0, 0, 1, 1, -1, 1, -1, -1])
        #expect(try places(bySequence) == places(CapacityRule(size: .slots(1))))
    }

    @Test(arguments: [
        ([2, 3], "sequence 1 has length 3; allowed are 1 to 2"),
        ([0, 4], "sequence 0 has length 0; allowed are 1 to 4"),
        ([2, 1], "the sequences hold 3 tokens; the batch has 4"),
    ])
    func sequencesMustFitTheTokens(lengths: [Int], message: String) {
        #expect(throws: RoutingError(message)) {
            try places(CapacityRule(size: .slots(1), scope: .sequences), sequences: lengths)
        }
    }

    @Test(arguments: [
        (CapacityRule(size: .tokens(1.25), rounding: .down), 100, 2, 8, 15),
        (CapacityRule(size: .tokens(1.25), rounding: .nearest), 100, 2, 8, 16),
        (CapacityRule(size: .tokens(1.25), rounding: .up), 100, 2, 8, 16),
        (CapacityRule(size: .tokens(1.25), minimum: 4, rounding: .down, multiple: 4), 100, 2, 8, 16),
        (CapacityRule(size: .tokens(50)), 100, 2, 8, 100),
        (CapacityRule(size: .tokens(1.1), rounding: .down), 100, 1, 1, 100),
        (CapacityRule(size: .tokens(0.7), rounding: .down), 100, 1, 1, 70),
        (CapacityRule(size: .roundedTokens(2)), 100, 2, 8, 26),
        (CapacityRule(size: .tokenFraction(0.25)), 102, 2, 8, 26),
        (CapacityRule(size: .slots(64)), 100, 2, 8, 64),
        (CapacityRule(size: .slots(0), minimum: 3), 100, 2, 8, 3),
        (CapacityRule(size: .slots(.max), multiple: 4), 100, 2, 8, Int.max),
        (CapacityRule(size: .roundedTokens(.greatestFiniteMagnitude)), 100, 2, 8, Int.max),
    ])
    func sizesAreRounded(rule: CapacityRule, tokens: Int, topK: Int, experts: Int, expected: Int) {
        #expect(rule.capacity(tokens: tokens, topK: topK, experts: experts) == expected)
    }

    @Test func paddingIsCounted() throws {
        #expect(Padding.rows(loads: [0, 1, 128, 129], blockRows: 128) == 0 + 128 + 128 + 256)
        let batch = RouterBatch(Matrix(randomRows: 40, columns: 4, seed: 1))
        let capacity = CapacityRule(size: .slots(7), scope: .groups, group: 16)
        let routing = try TopKRouter(rule: TopKRule(topK: 1, capacity: capacity)).route(batch)
        #expect(routing.paddedRows == 3 * 7 * 4)
        let blocks = try TopKRouter.family("megablocks").route(batch)
        #expect(blocks.paddedRows == 4 * 128)
        #expect(try TopKRouter.family("mixtral").route(batch).paddedRows == nil)
    }
}
