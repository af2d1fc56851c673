import MoE
import Tensors
import Testing

@Suite("Agreement with recorded choices")
struct ChoiceAgreementTests {
    /// Tokens 0 to 3 choose experts 0 and 1, 2 and 3, 1 alone, and none; the second copy of token 1 is dropped.
    private let plan = DispatchPlan(
        experts: 4,
        copyOffsets: [0, 2, 4, 5, 5],
        expert: [0, 1, 2, 3, 1],
        weight: [0.75, 0.25, 0.5, 0.125, 1],
        position: [0, 0, 0, DispatchPlan.dropped, 1]
    )

    private func agreement(
        _ experts: [Int32],
        weights: [Float]? = nil,
        kept: [Bool]? = nil
    ) -> ChoiceAgreement {
        var agreement = ChoiceAgreement()
        let recorded = RecordedChoices(choicesPerToken: 2, experts: experts, weights: weights)
        agreement.compare(plan, with: recorded, kept: kept, number: { $0 + 10 })
        return agreement
    }

    @Test func orderAndPaddingDoNotCount() {
        let found = agreement([1, 0, 3, 2, -1, 1, -1, -1], weights: [0.25, 0.75, 9, 0.5, 9, 1, 9, 9])
        #expect(found.tokens == 4 && found.sameTokens == 4)
        // The dropped copy's weight, 9 against 0.125, is not compared.
        #expect(found.largestWeightDifference == 0)
        #expect(found.holds(within: 0))
        #expect(found.differences.isEmpty)
    }

    @Test func weightsAreComparedExpertByExpert() {
        let found = agreement([1, 0, 2, 3, 1, -1, -1, -1], weights: [0.2, 0.75, 0.5, 0, 1, 0, 0, 0])
        #expect(found.largestWeightDifference.map { abs($0 - 0.2) < 1e-7 } == true)
        #expect(!found.holds(within: 0.19) && found.holds(within: 0.21))
        #expect(agreement([1, 0, 2, 3, 1, -1, -1, -1]).largestWeightDifference == nil)
    }

    @Test func tokensThatDifferAreNamed() throws {
        let found = agreement([0, 1, 2, 1, 1, -1, 3, -1], weights: [0.75, 0.25, 9, 9, 1, 0, 9, 9])
        #expect(found.tokens == 4 && found.sameTokens == 2)
        #expect(found.largestWeightDifference == 0)
        #expect(!found.holds(within: 2))
        #expect(found.differences.map(\.token) == [11, 13])
        let first = try #require(found.differences.first)
        #expect(first.recorded.kept == [1, 2] && first.routed.kept == [2, 3])
        #expect(found.differences.last?.recorded.kept == [3] && found.differences.last?.routed.kept == [])
    }

    @Test func dropsCountWhereTheyWereRecorded() {
        let experts: [Int32] = [0, 1, 2, 3, 1, -1, -1, -1]
        #expect(agreement(experts, kept: [true, true, true, false, true, false, false, false]).sameTokens == 4)
        let all = agreement(experts, kept: [Bool](repeating: true, count: 8))
        #expect(all.sameTokens == 3)
        #expect(all.differences.first?.routed.dropped == [3] && all.differences.first?.recorded.dropped == [])
    }

    @Test func equalScoresAreTies() {
        // Token 0 chose 0 and 1, token 1 chose 2 and 3; experts 1 and 2 score alike in both.
        let logits = Matrix([[4, 2, 2, 0], [0, 2, 2, 1], [0, 0, 0, 0], [0, 0, 0, 0]])
        let recorded = RecordedChoices(choicesPerToken: 2, experts: [0, 2, 1, 0, 1, -1, -1, -1], weights: nil)
        func compared(_ bias: [Float], gateBias: [Float] = []) -> ChoiceAgreement {
            var found = ChoiceAgreement()
            let ties = TiedScores(logits: logits, bias: bias, gateBias: gateBias)
            found.compare(plan, with: recorded, kept: nil, ties: ties, number: { $0 })
            return found
        }
        let found = compared([])
        #expect(found.sameTokens == 2 && found.tiedTokens == 1 && found.differentTokens == 1)
        #expect(found.differences.map(\.token) == [1])
        #expect(!found.holds(within: 2))
        // With a bias of their own, experts 1 and 2 are no longer alike.
        #expect(compared([0, 0.5, 0, 0]).tiedTokens == 0)
        #expect(compared([], gateBias: [0, 0.5, 0, 0]).tiedTokens == 0)
        #expect(compared([], gateBias: [0, 0.5, 0.5, 0]).tiedTokens == 1)
        var tied = ChoiceAgreement()
        let swapped = RecordedChoices(choicesPerToken: 2, experts: [0, 2, 1, 3, 1, -1, -1, -1], weights: nil)
        tied.compare(plan, with: swapped, kept: nil, ties: TiedScores(logits: logits, bias: []), number: { $0 })
        #expect(tied.tiedTokens == 2 && tied.holds(within: 0))
    }

    @Test func onlyTheFirstDifferencesAreKept() {
        var found = ChoiceAgreement()
        let recorded = RecordedChoices(choicesPerToken: 1, experts: [3, 0, 3, 0], weights: nil)
        for step in 0..<3 { found.compare(plan, with: recorded, kept: nil, number: { 4 * step + $0 }) }
        #expect(found.tokens == 12 && found.sameTokens == 0)
        #expect(found.differences.map(\.token) == [0, 1, 2, 3, 4])
    }

    @Test func weightsThatAreNoNumbersDiffer() {
        let broken = DispatchPlan(experts: 1, copyOffsets: [0, 1], expert: [0], weight: [.nan], position: [0])
        var found = ChoiceAgreement()
        let recorded = RecordedChoices(choicesPerToken: 1, experts: [0], weights: [0.5])
        found.compare(broken, with: recorded, kept: nil, number: { $0 })
        #expect(found.largestWeightDifference == 2)
    }
}
