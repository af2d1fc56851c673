public import Basics

/// The section `workload` of a configuration: the source of the tokens, or of the recorded choices.
public struct WorkloadOptions: Equatable, Sendable {
    /// The kind of source of the tokens.
    public var kind = WorkloadKind.synthetic
    /// The file to read, absolute once resolved; present exactly when the kind reads a file.
    public var path: String?
    /// The tensor of the file that holds the hidden states, or nil for the only one that can (kind activations).
    public var tensor: String?
    /// Tokens per step, T.
    public var tokens = 512
    /// Tokens per step and rank, from which ``tokens`` follows, or nil when ``tokens`` is given.
    public var tokensPerRank: Int?
    /// Tokens of each sequence within a step; nil for the sequences of the source, or for a single one where the source
    /// has none.
    public var sequenceTokens: Int?
    /// The layers of the file that are replayed, or nil for the first that have experts (kinds trace and loads).
    public var layers: LayerChoice?
    /// The order of the axes of a tensor of all layers, or nil for what the file and the model tell (kind trace).
    public var axes: TraceOrder?
    /// The columns of choices that hold shared experts, or nil for none (kind trace).
    public var sharedColumns: [Int]?
    /// The recorded step whose loads are taken, or nil for the sum of all (kind loads).
    public var recordedStep: Int?
    /// Tokens of each source rank in a step, or nil for as many of each.
    public var tokensBySource: [Int]?
    /// Number of equal groups that the experts form (kind loads).
    public var groups = 1
    /// Number of groups whose experts a token may use (kind loads).
    public var groupsKept = 1
    /// The distribution of expert popularity (synthetic).
    public var distribution = PopularityDistribution.uniform
    /// Exponent of the expert popularity (distributions Zipf and power law).
    public var exponent = 1.0
    /// Standard deviation of the logarithm of the expert popularity (distribution log-normal).
    public var sigma = 1.0

    /// The change of the popularity of experts over time, or nil for one that stays (synthetic).
    public var change: PopularityChange.Kind?
    /// Steps from one change to the next (synthetic).
    public var changePeriod = 16
    /// The seed of the changes, or nil for that of the run (synthetic).
    public var changeSeed: Int?
    /// The factor on the popularity of an expert in a burst (synthetic).
    public var burstFactor = 8.0

    /// Options with their defaults.
    public init() {}
}

extension WorkloadOptions {
    private static let changing = Condition<WorkloadOptions>(
        "workload.change",
        "workload.change is \(WordList.alternatives(PopularityChange.Kind.allCases.map(\.rawValue)))"
    ) { $0.change != nil }

    /// The table of the section's options, with their allowed values, texts and conditions.
    public static let table = OptionTable<WorkloadOptions>([
        Option("workload.kind", \.kind, .choice, "The source of the tokens, or of recorded choices."),
        Option(
            optional: "workload.path",
            \.path,
            .path,
            "The file to read.",
            when: .of("workload.kind", \.kind, .activations, .text, .trace, .loads),
            required: true
        ),
        Option(
            optional: "workload.tensor",
            \.tensor,
            .words,
            "The tensor of the file that holds the hidden states; not needed when there is only one that can.",
            when: .of("workload.kind", \.kind, .activations)
        ),
        Option("workload.tokens", \.tokens, .integer(1...16_777_216), "Tokens per step."),
        Option(
            optional: "workload.tokens_per_rank",
            \.tokensPerRank,
            .integer(1...1_048_576),
            "Gives workload.tokens as so many for each of cluster.workers."
        ),
        Option(
            optional: "workload.sequence_tokens",
            \.sequenceTokens,
            .integer(1...16_777_216),
            "Cuts each step into sequences of so many tokens, the last of which takes the rest; left out, the "
                + "sequences are those of the source, or the step is one."
        ),
        Option(
            optional: "workload.tokens_by_source",
            \.tokensBySource,
            .integers(0...16_777_216, most: 65_536),
            "Tokens of each source rank in a step, one number for each of cluster.workers; gives workload.tokens as their "
                + "sum. Left out, ranks own as many tokens each, or those that source_rank of a trace or of "
                + "activations says.",
            absence: "(as many of each)"
        ),
        Option(
            optional: "workload.layers",
            \.layers,
            .layers,
            "The layers of the file that are replayed, by their numbers there, as many as model.layers; left out, the "
                + "first that are not dense.",
            when: .of("workload.kind", \.kind, .trace, .loads)
        ),
        Option(
            optional: "workload.axes",
            \.axes,
            .choice,
            "The order of the axes of a tensor with the choices of all layers; left out, tokens come first unless file or "
                + "model.layers speak against it.",
            when: .of("workload.kind", \.kind, .trace)
        ),
        Option(
            optional: "workload.shared_columns",
            \.sharedColumns,
            .integers(0...65_534, most: 64),
            "The columns of choices, counted from 0, that hold shared experts, which every token has beside its choices.",
            when: .of("workload.kind", \.kind, .trace)
        ),
        Option(
            optional: "workload.recorded_step",
            \.recordedStep,
            .integer(0...16_777_215),
            "The recorded step, by its number in a CSV file and else counted from 0, whose loads are taken; left out, steps are "
                + "summed.",
            absence: "(all, summed)",
            when: .of("workload.kind", \.kind, .loads)
        ),
        Option(
            "workload.groups",
            \.groups,
            .integer(1...16),
            "Equal groups of experts, of which a token uses workload.groups_kept.",
            when: .of("workload.kind", \.kind, .loads)
        ),
        Option(
            "workload.groups_kept",
            \.groupsKept,
            .integer(1...16),
            "Groups of experts that a token may use.",
            when: .of("workload.kind", \.kind, .loads)
        ),
        Option(
            "workload.distribution",
            \.distribution,
            .choice,
            "The popularity of the experts.",
            when: .of("workload.kind", \.kind, .synthetic)
        ),
        Option(
            "workload.exponent",
            \.exponent,
            .number(0...10),
            "Exponent of the popularity; 0 makes all experts alike.",
            when: .of("workload.distribution", \.distribution, .zipf, .powerLaw)
        ),
        Option(
            "workload.sigma",
            \.sigma,
            .number(0...10),
            "Standard deviation of the logarithm of the popularity; 0 makes all experts alike.",
            when: .of("workload.distribution", \.distribution, .logNormal)
        ),
        Option(
            optional: "workload.change",
            \.change,
            .choice,
            "How the popularity changes: drift moves from one draw of it to the next, rotate passes it on from expert to "
                + "expert, burst makes one expert hot for a quarter of each period.",
            when: .of("workload.kind", \.kind, .synthetic)
        ),
        Option(
            "workload.change_period",
            \.changePeriod,
            .integer(1...1_000_000),
            "Steps from one draw, rotation or burst to the next, warm-up included.",
            when: changing
        ),
        Option(
            optional: "workload.change_seed",
            \.changeSeed,
            .integer(0...Int.max),
            "Seed of the changes.",
            absence: "(run.seed)",
            when: changing
        ),
        Option(
            "workload.burst_factor",
            \.burstFactor,
            .number(1...1_000_000),
            "Factor on the popularity of the hot expert.",
            when: Condition("workload.change", "workload.change is burst") { $0.change == .burst }
        ),
    ])
}

/// The distribution of expert popularity in a synthetic workload.
public enum PopularityDistribution: String, CaseIterable, Sendable {
    /// All experts are equally popular.
    case uniform
    /// The r-th most popular expert has popularity r^-exponent.
    case zipf
    /// The logarithm of an expert's popularity is normally distributed.
    case logNormal = "log-normal"
    /// Popularities drawn from a density x^-exponent.
    case powerLaw = "power-law"
}

/// The description of a run's tokens in its report.
public struct WorkloadSummary: Codable, Equatable, Sendable {
    /// The kind of source of the tokens.
    public var kind: WorkloadKind
    /// Name of the file without its folder; nil for synthetic tokens.
    public var source: String?
    /// Tokens that the file holds; nil for synthetic tokens, which never repeat.
    public var distinctTokens: Int?
    /// Tokens per step, T.
    public var tokensPerStep: Int

    /// A summary of a source of tokens.
    public init(kind: WorkloadKind, source: String?, distinctTokens: Int?, tokensPerStep: Int) {
        self.kind = kind
        self.source = source
        self.distinctTokens = distinctTokens
        self.tokensPerStep = tokensPerStep
    }

    /// The number of times that a run of `steps` steps goes through the source: over 1 when tokens come again, nil when
    /// they never do.
    public func passes(steps: Int) -> Double? {
        distinctTokens.map { Double(steps) * Double(tokensPerStep) / Double($0) }
    }
}

/// The order of the axes of a tensor with the choices of all layers of a trace.
public enum TraceOrder: String, CaseIterable, Sendable {
    /// `[token, layer, k]`.
    case tokenFirst = "token,layer,k"
    /// `[layer, token, k]`.
    case layerFirst = "layer,token,k"
}

/// The source of a run's tokens.
public enum WorkloadKind: String, Codable, CaseIterable, Sendable {
    /// Hidden states of a real model, from a tensor file.
    case activations
    /// The words of a text file, with embeddings made from the seed.
    case text
    /// Recorded expert choices, replayed instead of the gate's.
    case trace
    /// Choices drawn from the recorded loads of experts.
    case loads
    /// Seeded tokens and a gate that follows a given popularity of the experts.
    case synthetic

    /// True when the source says which experts a token visits, so that no router has to.
    public var holdsChoices: Bool { self == .trace || self == .loads }
}
