import Foundation
import Tensors
import Testing

@testable import MoE

@Suite("Steps of the top-k rule")
struct TopKRuleTests {
    @Test func temperatureDividesTheLogits() throws {
        var options = RouterOptions()
        options.temperature = 0.5
        let plain = TopKRule(topK: 2)
        let sharp = plain.applying(options)
        let routing = try TopKRouter(rule: sharp).route(RouterBatch(Matrix([[1, 0, -1]])))
        let expected = try TopKRouter(rule: plain).route(RouterBatch(Matrix([[2, 0, -2]])))
        #expect(routing.plan == expected.plan)
        #expect(sharp.changes(from: plain) == ["temperature 0.5 (from 1)"])
    }

    @Test func softcapBoundsTheLogits() throws {
        let logits = Matrix([[90, 30, 0]])
        let routing = try TopKRouter(rule: TopKRule(topK: 3, softcap: 30)).route(RouterBatch(logits))
        let capped = [30 * tanh(3.0), 30 * tanh(1.0), 0].map { exp($0) }
        for (weight, power) in zip(routing.plan.weight, capped) {
            #expect(abs(Double(weight) - power / capped.reduce(0, +)) < 1e-7)
        }
    }

    @Test func biasSelectsButDoesNotWeigh() throws {
        let logits = Matrix([[2, 1, 0, -1]])
        var state = RouterState(selectionBias: [0, 0, 0, 1])
        let rule = TopKRule(topK: 2, score: .sigmoid, bias: SelectionBias())
        let plan = try TopKRouter(rule: rule).route(RouterBatch(logits), state: &state).plan
        #expect(plan.chosen == [[3, 0]])
        #expect(abs(plan.weight[0] - 0.26894143) < 1e-6 && abs(plan.weight[1] - 0.8807971) < 1e-6)
        let unbiased = try TopKRouter(rule: TopKRule(topK: 2, score: .sigmoid)).route(
            RouterBatch(logits),
            state: &state
        )
        #expect(unbiased.plan.chosen == [[0, 1]])
    }

    @Test func maskedGroupsAreExcludedOrZero() throws {
        let logits = Matrix([[1, 0, 1, 0]])
        for (mask, chosen) in [(GroupLimit.Mask.excluded, [0, 1]), (.zero, [2, 3])] {
            let limit = GroupLimit(groups: 2, kept: 1, score: .sumOfLargest(2), mask: mask)
            let rule = TopKRule(topK: 2, score: .sigmoid, bias: SelectionBias(), groups: limit)
            var state = RouterState(selectionBias: [-3, -3, -4, -4])
            let plan = try TopKRouter(rule: rule).route(RouterBatch(logits), state: &state).plan
            #expect(plan.chosen == [chosen])
        }
    }

    @Test func groupScoresDiffer() throws {
        let logits = Matrix([[3, -9, 2.5, 2.5]])
        for (score, chosen) in [
            (GroupLimit.Score.largest, [0, 1]), (.sumOfLargest(2), [2, 3]), (.sumOfShare, [2, 3]),
        ] {
            let rule = TopKRule(topK: 2, score: .logit, groups: GroupLimit(groups: 2, kept: 1, score: score))
            #expect(try TopKRouter(rule: rule).route(RouterBatch(logits)).plan.chosen == [chosen])
        }
    }

    @Test(arguments: [
        (GroupLimit(groups: 3, kept: 1, score: .largest), "4 experts do not divide into 3 groups of equal size"),
        (
            GroupLimit(groups: 2, kept: 3, score: .largest),
            "3 groups are kept; allowed are 1 to 2, the number of groups"
        ),
        (GroupLimit(groups: 4, kept: 1, score: .largest), "top-k is 2; 1 groups of 1 experts hold fewer"),
        (
            GroupLimit(groups: 4, kept: 2, score: .sumOfLargest(2)),
            "4 experts in 4 groups (router.groups): the 2 largest scores of a group rank it, and a group has 1; at most 2 "
                + "groups are allowed"
        ),
        (
            GroupLimit(groups: 4, kept: 4, score: .sumOfLargest(2)),
            "4 experts in 4 groups (router.groups): the 2 largest scores of a group rank it, and a group has 1; at most 2 "
                + "groups are allowed"
        ),
    ])
    func groupsMustFit(limit: GroupLimit, message: String) {
        #expect(throws: RoutingError(message)) {
            try TopKRouter(rule: TopKRule(topK: 2, groups: limit)).route(RouterBatch(Matrix(rows: 1, columns: 4)))
        }
    }

    /// Groups of one expert are ranked by its score, where one score or a share of k ranks a group; and one group is none.
    @Test func groupsOfOneExpert() throws {
        for limit in [
            GroupLimit(groups: 4, kept: 2, score: .largest), GroupLimit(groups: 4, kept: 2, score: .sumOfShare),
            GroupLimit(groups: 1, kept: 1, score: .sumOfLargest(2)),
        ] {
            let router = TopKRouter(rule: TopKRule(topK: 2, groups: limit))
            #expect(try router.route(RouterBatch(Matrix([[1, 4, 2, 3]]))).plan.chosen == [[1, 3]])
        }
    }

    @Test(arguments: [
        (RouterState(selectionBias: [1]), "the selection bias has 1 values; 4 experts need as many"),
        (RouterState(selectionBias: [1, 1, .nan, 1]), "the selection bias is nan for expert 2; it must be finite"),
        (RouterState(gateBias: [1, 2]), "the gate's bias has 2 values; 4 experts need as many"),
    ])
    func biasesMustFit(state: RouterState, message: String) {
        var state = state
        let rule = TopKRule(topK: 1, bias: SelectionBias())
        #expect(throws: RoutingError(message)) {
            try TopKRouter(rule: rule).route(RouterBatch(Matrix(rows: 1, columns: 4)), state: &state)
        }
    }

    @Test func theBiasFollowsTheLoads() {
        var state = RouterState()
        func router(_ bias: SelectionBias) -> TopKRouter { TopKRouter(rule: TopKRule(topK: 1, bias: bias)) }
        router(SelectionBias(rate: 0.5)).finishStep(loads: [4, 2, 0], state: &state)
        #expect(state.selectionBias == [-0.5, 0, 0.5])
        router(SelectionBias(update: .error, rate: 0.5)).finishStep(loads: [4, 2, 0], state: &state)
        #expect(state.selectionBias == [-1.5, 0, 1.5])
        state = RouterState()
        router(SelectionBias(form: .multiplied, rate: 0.25)).finishStep(loads: [4, 2, 0], state: &state)
        #expect(state.selectionBias == [0.75, 1, 1.25])
        router(SelectionBias()).finishStep(loads: [4, 2, 0], state: &state)
        #expect(state.selectionBias == [0.75, 1, 1.25])
        TopKRouter(rule: TopKRule(topK: 1)).finishStep(loads: [9, 0, 0], state: &state)
        #expect(state.selectionBias == [0.75, 1, 1.25])
    }

    @Test func aMultipliedBiasSelects() throws {
        var state = RouterState(selectionBias: [0.1, 1])
        let rule = TopKRule(topK: 1, score: .sigmoid, bias: SelectionBias(form: .multiplied))
        #expect(try TopKRouter(rule: rule).route(RouterBatch(Matrix([[2, 1]])), state: &state).plan.chosen == [[1]])
    }

    /// NLLB's quirk: with `random`, the second weight is the score, whatever was renormalised before.
    @Test func furtherChoicesByScoreWeighTheScore() throws {
        var batch = RouterBatch(Matrix([[1.0986123, 0.6931472, 0], [1.0986123, 0.6931472, 0]]))
        batch.givenNumbers[.furtherChoice] = [0.6, 0.7]
        let rule = TopKRule(
            topK: 2,
            normalization: WeightNormalization(),
            further: .randomByScore(threshold: 0.5)
        )
        let plan = try TopKRouter(rule: rule).route(batch).plan
        #expect(plan.chosen == [[0, 1], [0]])
        #expect(zip(plan.weight, [0.6, 1 / 3, 0.6]).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    /// Sampling draws second experts with the probability of a softmax without the first.
    @Test func samplingDrawsByProbability() throws {
        let tokens = 4000
        let row: [Double] = [2, 1, 0, 0]
        let batch = RouterBatch(Matrix([[Double]](repeating: row, count: tokens)), seed: 6)
        let plan = try TopKRouter(rule: TopKRule(topK: 2, further: .sampling)).route(batch).plan
        #expect(plan.chosen.allSatisfy { $0[0] == 0 })
        let share = exp(1.0) / (exp(1.0) + 2)
        let found = Double(plan.chosen.count { $0[1] == 1 }) / Double(tokens)
        #expect(abs(found - share) < 4 * (share * (1 - share) / Double(tokens)).squareRoot(), "seed 6")
    }

    @Test func noOneIsLeftBehindWhereThereIsRoom() throws {
        let batch = RouterBatch(Matrix([[Double]](repeating: [3, 2, 1, 0], count: 8)))
        let capacity = CapacityRule(size: .slots(2), overflow: .nextChoices(3))
        let plan = try TopKRouter(rule: TopKRule(topK: 1, capacity: capacity)).route(batch).plan
        #expect(plan.chosen == [[0], [0], [1], [1], [2], [2], [3], [3]])
        #expect(plan.places == [[0], [1], [0], [1], [0], [1], [0], [1]])
    }

    @Test func inputJitterStaysWithinItsWidth() throws {
        let tokens = Matrix(rows: 100, columns: 8, repeating: 2)
        let jitter = try #require(TopKRouter.family("switch").inputJitter)
        let random = CounterRandom(seed: 3, purpose: .test)
        let jittered = jitter.applied(to: tokens, random: random)
        #expect(jittered.values.allSatisfy { abs($0 - 2) <= 0.02 * 1.00001 })
        #expect(jittered.values.max() ?? 0 > 2.018 && jittered.values.min() ?? 9 < 1.982)
        #expect(jitter.applied(to: tokens, random: random) == jittered)
    }

    @Test func evaluationHasNoNoise() throws {
        var options = RouterOptions()
        options.training = false
        for family in RouterFamily.all {
            let rule = family.rule.applying(options)
            #expect(rule.noise == nil && rule.inputJitter == nil && rule.deviceDrop == nil)
            #expect(rule.bias?.rate ?? 0 == 0)
        }
    }
}
