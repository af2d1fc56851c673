import MoE

/// The settings of a run, section by section. A new setting is one entry here and one property.
enum RunSchema {
    static let schema = Schema(model + router + workload + cluster + run)

    private typealias Entry = Setting<RunConfiguration>

    private static let model: [Entry] = [
        Entry(
            optional: "model.preset",
            \.model.preset,
            .words,
            "A model of the catalogue: gives the shape below and its router, which other settings override."
        ),
        Entry("model.layers", \.model.layers, .integer(1...1024), "Mixture-of-experts layers."),
        Entry("model.hidden", \.model.hidden, .integer(1...65536), "Width of a token."),
        Entry("model.experts", \.model.experts, .integer(1...65535), "Routed experts of each layer."),
        Entry("model.expert_ffn", \.model.expertFfn, .integer(1...1_048_576), "Inner width of a routed expert."),
        Entry("model.activation", \.model.activation, .choice, "What stands between the matrices of an expert."),
        Entry(
            "model.shared_ffn",
            \.model.sharedFfn,
            .integer(0...1_048_576),
            "Inner width of all shared experts of a layer together; 0 for none."
        ),
        Entry("model.dtype", \.model.dtype, .choice, "Number type of the experts' matrix products."),
    ]

    private static let softmax = Condition.of("router.kind", RouterKind.softmaxTopK.rawValue)
    private static let noisy = Condition.of("router.kind", RouterKind.noisyTopK.rawValue)
    private static let dropping = Condition.of("router.drop", DropPolicy.position.rawValue)

    private static let router: [Entry] = [
        Entry("router.kind", \.router.kind, .choice, "The routing rule."),
        Entry("router.top_k", \.router.topK, .integer(1...65535), "Experts per token; at most model.experts."),
        Entry(
            "router.normalize",
            \.router.normalize,
            .boolean,
            "Divides the weights of a token by their sum.",
            when: softmax
        ),
        Entry("router.scale", \.router.scale, .number(above: 0), "Multiplies every weight.", when: softmax),
        Entry(
            "router.logit_std",
            \.router.logitStd,
            .number(above: 0),
            "Standard deviation of the seeded gate's logits for a token of unit RMS."
        ),
        Entry("router.drop", \.router.drop, .choice, "What happens to a copy whose expert is full."),
        Entry(
            "router.capacity_factor",
            \.router.capacityFactor,
            .number(above: 0),
            "An expert takes max(min_capacity, ceil(capacity_factor * tokens * top_k / experts)) copies.",
            when: dropping
        ),
        Entry(
            "router.min_capacity",
            \.router.minCapacity,
            .integer(0...Int(Int32.max)),
            "Copies that an expert takes at least.",
            when: dropping
        ),
        Entry(
            "router.noise_epsilon",
            \.router.noiseEpsilon,
            .number(from: 0),
            "Added to the softplus that scales the noise.",
            when: noisy
        ),
        Entry(
            "router.importance_loss",
            \.router.importanceLoss,
            .number(from: 0),
            "Coefficient of the importance loss.",
            when: noisy
        ),
        Entry("router.load_loss", \.router.loadLoss, .number(from: 0), "Coefficient of the load loss.", when: noisy),
    ]

    private static let workload: [Entry] = [
        Entry("workload.kind", \.workload.kind, .choice, "Where the tokens, or the recorded choices, come from."),
        Entry(
            optional: "workload.path",
            \.workload.path,
            .path,
            "The file to read.",
            when: .of("workload.kind", "activations", "text", "trace"),
            required: true
        ),
        Entry(
            optional: "workload.tensor",
            \.workload.tensor,
            .words,
            "The tensor of the file that holds the hidden states; not needed when there is only one that can.",
            when: .of("workload.kind", "activations")
        ),
        Entry("workload.tokens", \.workload.tokens, .integer(1...16_777_216), "Tokens per step."),
        Entry(
            "workload.distribution",
            \.workload.distribution,
            .choice,
            "How popular the experts are.",
            when: .of("workload.kind", "synthetic")
        ),
        Entry(
            "workload.exponent",
            \.workload.exponent,
            .number(0...10),
            "Exponent of the popularity; 0 makes all experts alike.",
            when: .of("workload.distribution", "zipf", "power-law")
        ),
        Entry(
            "workload.sigma",
            \.workload.sigma,
            .number(0...10),
            "Standard deviation of the logarithm of the popularity; 0 makes all experts alike.",
            when: .of("workload.distribution", "log-normal")
        ),
    ]

    private static let run: [Entry] = [
        Entry("run.steps", \.run.steps, .integer(1...1_000_000), "Measured steps."),
        Entry("run.warmup", \.run.warmup, .integer(0...1_000_000), "Steps before them, which no figure counts."),
        Entry("run.seed", \.run.seed, .integer(0...UInt64.max), "All weights and random numbers follow from it."),
        Entry("run.out", \.run.out, .path, "The folder that receives one folder per run."),
        Entry("run.verify", \.run.verify, .boolean, "Recomputes every token in one process and compares."),
    ]
}
