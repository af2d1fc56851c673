import Basics
import MoE
import Workloads

/// The settings of a run, section by section. A new setting is one entry here and one property.
enum RunSchema {
    static let schema = OptionTable(model + router + workload + cluster + hardware + run)

    private typealias Entry = Option<RunConfiguration>

    private static let workload: [Entry] = [
        Entry("workload.kind", \.workload.kind, .choice, "Where the tokens, or the recorded choices, come from."),
        Entry(
            optional: "workload.path",
            \.workload.path,
            .path,
            "The file to read.",
            when: .of("workload.kind", \.workload.kind, .activations, .text, .trace, .loads),
            required: true
        ),
        Entry(
            optional: "workload.tensor",
            \.workload.tensor,
            .words,
            "The tensor of the file that holds the hidden states; not needed when there is only one that can.",
            when: .of("workload.kind", \.workload.kind, .activations)
        ),
        Entry("workload.tokens", \.workload.tokens, .integer(1...16_777_216), "Tokens per step."),
        Entry(
            optional: "workload.tokens_per_rank",
            \.workload.tokensPerRank,
            .integer(1...1_048_576),
            "Gives workload.tokens as so many for each of cluster.workers."
        ),
        Entry(
            optional: "workload.sequence_tokens",
            \.workload.sequenceTokens,
            .integer(1...16_777_216),
            "Cuts each step into sequences of so many tokens, the last of which takes the rest; left out, the "
                + "sequences are those of the source, or the step is one."
        ),
        Entry(
            "workload.groups",
            \.workload.groups,
            .integer(1...16),
            "Equal groups of experts, of which a token uses workload.groups_kept.",
            when: .of("workload.kind", \.workload.kind, .loads)
        ),
        Entry(
            "workload.groups_kept",
            \.workload.groupsKept,
            .integer(1...16),
            "Groups of experts that a token may use.",
            when: .of("workload.kind", \.workload.kind, .loads)
        ),
        Entry(
            "workload.distribution",
            \.workload.distribution,
            .choice,
            "How popular the experts are.",
            when: .of("workload.kind", \.workload.kind, .synthetic)
        ),
        Entry(
            "workload.exponent",
            \.workload.exponent,
            .number(0...10),
            "Exponent of the popularity; 0 makes all experts alike.",
            when: .of("workload.distribution", \.workload.distribution, .zipf, .powerLaw)
        ),
        Entry(
            "workload.sigma",
            \.workload.sigma,
            .number(0...10),
            "Standard deviation of the logarithm of the popularity; 0 makes all experts alike.",
            when: .of("workload.distribution", \.workload.distribution, .logNormal)
        ),
    ]

    private static let run: [Entry] = [
        Entry("run.steps", \.run.steps, .integer(1...1_000_000), "Measured steps."),
        Entry("run.warmup", \.run.warmup, .integer(0...1_000_000), "Steps before them, which no figure counts."),
        Entry("run.seed", \.run.seed, .integer(0...UInt64.max), "All weights and random numbers follow from it."),
        Entry(
            "run.overlap",
            \.run.overlap,
            .choice,
            "Whether two halves of each step are in flight, one communicating while the other computes; full is a bound for "
                + "predictions."
        ),
        Entry("run.out", \.run.out, .path, "The folder that receives one folder per run."),
        Entry("run.verify", \.run.verify, .boolean, "Recomputes every token in one process and compares."),
    ]
}
