import Tensors
import TestSupport
import Testing

@testable import MoE

/// Choices that differ in experts of equal scores, in the precision in which models are routed.
@Suite struct TiedScoresTests {
    /// What comes of the router's choices against recorded ones.
    private func agreement(
        _ rule: TopKRule,
        _ logits: [Double],
        bias: [Float] = [],
        recorded: [Int32],
        in precision: ScorePrecision = .f32
    ) throws -> ChoiceAgreement {
        let batch = RouterBatch(Matrix([logits]))
        var state = RouterState(selectionBias: bias)
        let plan = try TopKRouter(rule: rule).route(batch, state: &state).plan
        var agreement = ChoiceAgreement()
        let record = RecordedChoices(choicesPerToken: recorded.count, experts: recorded, weights: nil)
        let ties = TiedScores(logits: batch.projections[0], bias: bias, rule: rule, precision: precision)
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

    /// numpy 2 and ml_dtypes: sigmoids of 1 and 1.005 are 0.731059 and 0.732041, both 187 / 256 in bfloat16, and 1497 and
    /// 1499 / 2048 in half precision.
    @Test func scoresTieInThePrecisionOfTheRecord() throws {
        func tied(_ rule: TopKRule, _ logits: [Double], _ recorded: [Int32], bias: [Float] = []) throws -> [Bool] {
            try ScorePrecision.allCases.map {
                try agreement(rule, logits, bias: bias, recorded: recorded, in: $0).tiedTokens == 1
            }
        }
        #expect(try tied(sigmoid, [1, 1.005, 0], [0], bias: [0, 0, 0]) == [false, true, false])
        #expect(try tied(sigmoid, [1, 1.0002, 0], [0], bias: [0, 0, 0]) == [false, true, true])
        // Half precision has no number between 2048 and 2050, bfloat16 none between 2048 and 2064.
        let logit = TopKRule(topK: 1, score: .logit)
        #expect(try tied(logit, [2048, 2048.6, 1], [0]) == [false, true, true])
        #expect(try tied(logit, [2048, 2054, 1], [0]) == [false, true, false])
        #expect(try tied(logit, [2048, 2070, 1], [0]) == [false, false, false])
        // The score is rounded before the bias is added, and the sum again.
        #expect(try tied(sigmoid, [1, 1.005, 0], [0], bias: [0.25, 0.25, 0]) == [false, true, false])
        // A group limit: both groups' best round to the same number.
        let groups = TopKRule(topK: 1, score: .sigmoid, groups: GroupLimit(groups: 2, kept: 1, score: .largest))
        #expect(try tied(groups, [1, 0, 1.005, 0], [0]) == [false, true, false])
    }

    /// Whatever k best experts of the rounded logits a record has, it is a tie; any other choice is not.
    @Test(arguments: [ScorePrecision.bf16, .f16])
    func choicesTieExactlyWhereRoundedScoresAreEqual(precision: ScorePrecision) throws {
        var random = SeededRandom()
        /// Rounded to 8 or 11 significant bits, by arithmetic on the exponent.
        func rounded(_ value: Double) -> Double {
            guard value != 0 else { return 0 }
            let step = Double(sign: .plus, exponent: value.exponent - (precision == .bf16 ? 7 : 10), significand: 1)
            return (value / step).rounded(.toNearestOrEven) * step
        }
        for _ in 0..<200 {
            let k = Int.random(in: 1...4, using: &random)
            // Numbers close together, so that many round to the same one.
            let width = precision == .bf16 ? 0.06 : 0.008
            let logits = (0..<8).map { _ in Double(Float(3 + Double.random(in: 0..<width, using: &random))) }
            let scores = logits.map(rounded)
            let order = scores.indices.shuffled(using: &random).sorted { scores[$0] > scores[$1] }
            let best = order.prefix(k).map { Int32($0) }
            let rule = TopKRule(topK: k, score: .logit)
            let one = try agreement(rule, logits, recorded: best, in: precision)
            #expect(one.differentTokens == 0, "\(logits) \(best), seed \(random.seed)")
            // One of the best in exchange for an expert that is worse once rounded.
            let worse = order.dropFirst(k).filter { scores[$0] < scores[order[k - 1]] }
            guard let other = worse.randomElement(using: &random) else { continue }
            let wrong = Array(best.dropLast()) + [Int32(other)]
            let two = try agreement(rule, logits, recorded: wrong, in: precision)
            #expect(two.differentTokens == 1, "\(logits) \(wrong), seed \(random.seed)")
        }
    }

    @Test func namesOfPrecisions() {
        let named = ["torch.bfloat16", "BF16", "float16", "F32", "int8"].map { ScorePrecision(named: $0) }
        #expect(named == [.bf16, .bf16, .f16, .f32, nil])
        #expect([DType.bf16, .f16, .f64, .f8e4m3].map { ScorePrecision($0) } == [.bf16, .f16, .f32, .f32])
    }
}
