import MoE
import Testing

@Suite("Replay router")
struct ReplayRouterTests {
    @Test func choicesKeepTheirOrderAndWeights() throws {
        let recorded = RecordedChoices(
            choicesPerToken: 2,
            experts: [3, 1, 0, 3],
            weights: [0.25, 0.5, 0.125, 0.75]
        )
        let batch = RouterBatch(replaying: recorded, tokens: 2, experts: 4)
        let routing = try ReplayRouter(topK: 2, capacity: CapacityRule(factor: 1)).route(batch)
        #expect(routing.plan.chosen == [[3, 1], [0, 3]])
        #expect(routing.plan.weights == [[0.25, 0.5], [0.125, 0.75]])
        #expect(routing.plan.places == [[0, 0], [0, -1]])
        #expect(routing.importance == [0.125, 0.5, 0, 1])
        #expect(routing.losses.isEmpty)
    }

    @Test func choicesWithoutWeightsWeighAlike() throws {
        let recorded = RecordedChoices(choicesPerToken: 4, experts: [3, 1, 0, 2], weights: nil)
        let plan = try ReplayRouter(topK: 4).route(RouterBatch(replaying: recorded, tokens: 1, experts: 4)).plan
        #expect(plan.weights == [[0.25, 0.25, 0.25, 0.25]])
        #expect(plan.places == [[0, 0, 0, 0]])
    }

    @Test func minusOneIsNoChoice() throws {
        let recorded = RecordedChoices(
            choicesPerToken: 3,
            experts: [2, -1, -1, -1, -1, -1, 3, 0, -1, 0, 2, 3],
            weights: [1, 0, 0, 0, 0, 0, 0.5, 0.25, 0, 0.5, 0.25, 0.125]
        )
        let batch = RouterBatch(replaying: recorded, tokens: 4, experts: 4)
        let routing = try ReplayRouter(topK: 3, capacity: CapacityRule(size: .slots(1))).route(batch)
        #expect(routing.plan.chosen == [[2], [], [3, 0], [0, 2, 3]])
        #expect(routing.plan.places == [[0], [], [0, 0], [-1, -1, -1]])
        #expect(routing.plan.weights == [[1], [], [0.5, 0.25], [0.5, 0.25, 0.125]])
        #expect(routing.importance == [0.75, 0, 1.25, 0.625])
        #expect(ExpertLoads(routing.plan).tokensWithoutExpert == 2)
        // What is read back is what was written.
        let rows = ChoiceRows(routing.plan, width: 3)
        #expect(rows.experts == recorded.experts && rows.weights == recorded.weights)
    }

    @Test func weightsOfATokenWithFewerChoicesSumToOne() throws {
        let recorded = RecordedChoices(choicesPerToken: 3, experts: [2, 1, -1, -1, -1, -1, 0, -1, -1], weights: nil)
        let plan = try ReplayRouter(topK: 3).route(RouterBatch(replaying: recorded, tokens: 3, experts: 4)).plan
        #expect(plan.weights == [[0.5, 0.5], [], [1]])
    }

    @Test(arguments: [
        (nil, "the batch holds no recorded choices to replay"),
        (choices([0, 1]), "choices of 1 tokens were recorded; the batch has 2"),
        (choices([0, 1, 2, 4]), "token 1 chose expert 4; allowed are 0 to 3, and -1 for no choice"),
        (choices([0, -2, 2, 3]), "token 0 chose expert -2; allowed are 0 to 3, and -1 for no choice"),
        (choices([0, 1, 2, 2]), "token 1 chose expert 2 twice; its choices must differ"),
        (choices([0, 1, 2, 3], weights: [1, 0, .nan, 1]), "token 1 has weight nan; it must be finite"),
        (
            choices([0, 1, 2, 3, 0, 1, 2, 3, 0, 1], perToken: 5),
            "5 choices per token were recorded; top-k is 2"
        ),
    ])
    func brokenRecordsAreRefused(recorded: RecordedChoices?, message: String) {
        #expect(throws: RoutingError(message)) {
            try ReplayRouter(topK: 2).route(RouterBatch(replaying: recorded, tokens: 2, experts: 4))
        }
    }

    private static func choices(_ experts: [Int32], weights: [Float]? = nil, perToken: Int = 2) -> RecordedChoices {
        RecordedChoices(choicesPerToken: perToken, experts: experts, weights: weights)
    }
}
