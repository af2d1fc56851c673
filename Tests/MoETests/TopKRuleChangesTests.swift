import MoE
import Testing

@Suite("What a rule does otherwise than another")
struct TopKRuleChangesTests {
    private let published = TopKRule(
        topK: 8,
        score: .sigmoid,
        bias: SelectionBias(rate: 0.001),
        groups: GroupLimit(groups: 8, kept: 4, score: .sumOfLargest(2)),
        normalization: WeightNormalization(),
        scale: 2.5
    )

    @Test func aRuleThatIsTheSameHasNone() {
        #expect(published.changes(from: published).isEmpty)
        var options = RouterOptions()
        (options.topK, options.scale) = (8, 2.5)
        #expect(published.applying(options).changes(from: published).isEmpty)
        for family in RouterFamily.all { #expect(family.rule.changes(from: family.rule).isEmpty, "\(family.name)") }
    }

    /// Every aspect that a run can set, changed alone.
    @Test func eachChangeIsSaidAlone() {
        let cases: [(String, (inout RouterOptions) -> Void)] = [
            ("top-k 4 (from 8)", { $0.topK = 4 }),
            ("softcap 30 (from none)", { $0.softcap = 30 }),
            ("logit noise of standard deviation 0.5 (from none)", { $0.noiseStd = 0.5 }),
            ("jitter 0.01 (from none)", { $0.jitter = 0.01 }),
            ("selection bias added, by sign, 0.01 a step (from added, by sign, 0.001 a step)", { $0.biasRate = 0.01 }),
            (
                "selection bias multiplied, by error, 0.001 a step (from added, by sign, 0.001 a step)",
                { ($0.biasForm, $0.biasUpdate) = (.multiplied, .error) }
            ),
            ("selection bias added, fixed (from added, by sign, 0.001 a step)", { $0.training = false }),
            ("groups 2 of 8 (from 4 of 8)", { $0.groupsKept = 2 }),
            ("weights divided by nothing (from their sum, before the drop)", { $0.normalize = false }),
            (
                "weights divided by their sum, at least 1e-12, before the drop (from their sum, before the drop)",
                { $0.normalizeFloor = 1e-12 }
            ),
            ("scale 1 (from 2.5)", { $0.scale = 1 }),
            ("further choices random 0.2 (from all)", { $0.further = .random }),
            ("blocks of 128 rows (from 1 row)", { $0.blockRows = 128 }),
            ("losses switch auxiliary 0.01 (from switch auxiliary 0)", { $0.auxLoss = 0.01 }),
        ]
        for (text, set) in cases {
            var options = RouterOptions()
            set(&options)
            #expect(published.applying(options).changes(from: published) == [text])
        }
    }

    @Test func capacitiesAreSaidInFull() {
        var options = RouterOptions()
        options.drop = .by(.position)
        #expect(
            published.applying(options).changes(from: published) == [
                "drops over 1.25 k S / E, at least 4, by position (from nothing)"
            ]
        )
        (options.capacityFactor, options.capacityOf, options.minCapacity) = (2, .tokens, 1)
        (options.capacityRounding, options.capacityMultiple, options.drop) = (.down, 4, .by(.probability))
        (options.capacityScope, options.capacityGroup, options.nextChoices) = (.groups, 64, 2)
        #expect(
            published.applying(options).changes(from: published) == [
                "drops over 2 S / E, at least 1, a multiple of 4, per group of 64, by probability, after 2 more choices, "
                    + "rounded down (from nothing)"
            ]
        )
    }
}
