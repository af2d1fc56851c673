import Tensors
import Testing

@testable import MoE

/// Choices that differ in experts of equal scores, in the precision in which models are routed.
@Suite struct TiedScoresTests {
    /// What comes of the router's choices against recorded ones.
    private func agreement(
        _ rule: TopKRule,
        _ logits: [Double],
        bias: [Float] = [],
        recorded: [Int32]
    ) throws -> ChoiceAgreement {
        let batch = RouterBatch(Matrix([logits]))
        var state = RouterState(selectionBias: bias)
        let plan = try TopKRouter(rule: rule).route(batch, state: &state).plan
        var agreement = ChoiceAgreement()
        let record = RecordedChoices(choicesPerToken: recorded.count, experts: recorded, weights: nil)
        let ties = TiedScores(logits: batch.projections[0], bias: bias, rule: rule)
        agreement.compare(plan, with: record, kept: nil, ties: ties, number: { $0 })
        return agreement
    }

    private let sigmoid = TopKRule(topK: 1, score: .sigmoid, bias: SelectionBias())

    /// Sigmoids of 20 and 30 are 1 in single precision: torch.sigmoid gives 1.0 for both.
    @Test func saturatedSigmoidsTie() throws {
        #expect(try agreement(sigmoid, [20, 30, 0], bias: [0, 0, 0], recorded: [0]).tiedTokens == 1)
        #expect(try agreement(sigmoid, [10, 30, 0], bias: [0, 0, 0], recorded: [0]).differentTokens == 1)
    }

    /// exp(-120) and exp(-130) are 0 in single precision.
    @Test func underflownSoftmaxesTie() throws {
        let rule = TopKRule(topK: 2)
        #expect(try agreement(rule, [100, -20, -30], recorded: [0, 2]).tiedTokens == 1)
        #expect(try agreement(rule, [100, 60, 50], recorded: [0, 2]).differentTokens == 1)
        // Chosen by their logits, they differ.
        let chosen = TopKRule(topK: 2, score: .softmaxOfChosen)
        #expect(try agreement(chosen, [100, -20, -30], recorded: [0, 2]).differentTokens == 1)
    }

    /// Beside a bias of 1e6 a score has the digits down to 1/16 alone.
    @Test func aLargeBiasRoundsScoresAway() throws {
        let bias: [Float] = [1_000_000, 1_000_000, 0]
        #expect(try agreement(sigmoid, [0.05, 0.1, 0], bias: bias, recorded: [0]).tiedTokens == 1)
        #expect(try agreement(sigmoid, [-3, 3, 0], bias: bias, recorded: [0]).differentTokens == 1)
        #expect(try agreement(sigmoid, [0.05, 0.1, 0], bias: [0, 0, 0], recorded: [0]).differentTokens == 1)
    }

    /// Two groups of equal best scores: either may be kept, with its own second choice.
    @Test func groupsTieByTheirScores() throws {
        let limit = GroupLimit(groups: 2, kept: 1, score: .largest)
        let rule = TopKRule(topK: 2, score: .sigmoid, groups: limit)
        #expect(try agreement(rule, [30, 1, 25, 2], recorded: [2, 3]).tiedTokens == 1)
        #expect(try agreement(rule, [30, 1, 3, 2], recorded: [2, 3]).differentTokens == 1)
        // The second of the kept group is not its best.
        let three = TopKRule(topK: 2, score: .sigmoid, groups: GroupLimit(groups: 2, kept: 1, score: .largest))
        #expect(try agreement(three, [30, 1, 0, 25, 2, 1], recorded: [3, 5]).differentTokens == 1)
        // Another number of experts is no tie.
        #expect(try agreement(rule, [30, 1, 25, 2], recorded: [2, -1]).differentTokens == 1)
    }
}
