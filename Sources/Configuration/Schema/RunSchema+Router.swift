import Basics
import MoE

extension RunSchema {
    private typealias Entry = Option<RunConfiguration>

    /// The settings of the section `router`.
    static let router: [Option<RunConfiguration>] = choice + capacity + selection + losses + noise

    private static let choice: [Entry] = [
        Entry("router.kind", \.router.kind, .router, "The router; what is not given below is as it has it."),
        option(.topK, \.router.topK, .integer(1...65535), "Experts per token; at most model.experts."),
        option(.normalize, \.router.normalize, .boolean, "Divides the weights of a token by their sum."),
        option(
            .normalizeMoment,
            \.router.normalizeMoment,
            .choice,
            "Whether they are divided before copies are dropped or afterwards.",
            when: divides
        ),
        option(
            .normalizePower,
            \.router.normalizePower,
            .number(above: 0),
            "They are divided by the p-norm; 1 is their sum (DBRX).",
            when: divides
        ),
        option(
            .normalizeFloor,
            \.router.normalizeFloor,
            .number(from: 0),
            "The least that they are divided by (ERNIE: 1e-12).",
            when: divides
        ),
        option(.softcap, \.router.softcap, .number(above: 0), "Logits become c tanh(l / c) with this c (Grok-2: 30)."),
        option(.scale, \.router.scale, .number(above: 0), "Multiplies every weight."),
        option(
            .training,
            \.router.training,
            .boolean,
            "Routes as in training, with noise, jitter, learning and balanced assignment, or as in evaluation.",
            absence: "true"
        ),
        Entry(
            "router.logit_std",
            \.router.logitStd,
            .number(above: 0),
            "Standard deviation of the seeded gate's logits for a token of unit RMS.",
            when: When("model.checkpoint", "model.checkpoint is not given") { $0.model.checkpoint == nil }
        ),
    ]

    /// A setting for an option, which applies where the router reads it.
    static func option<Value>(
        _ option: RouterOption,
        _ path: any WritableKeyPath<RunConfiguration, Value?> & Sendable,
        _ rule: ValueRule<Value>,
        _ help: String,
        absence: String = "as router.kind has it",
        when condition: When? = nil,
        required: Bool = false
    ) -> Option<RunConfiguration> {
        Entry(
            optional: "router.\(option.rawValue)",
            path,
            rule,
            help,
            absence: required ? nil : absence,
            when: reads(option).and(condition),
            required: required
        )
    }
}
