import Basics

/// The options of a router: a property and a row of the table for each.
///
/// Each router reads the options that it knows. An option that is nil keeps the value of the router's row of the
/// catalogue, so `RouterOptions()` gives every family as it was published. ``rows`` has the meaning of each option.
public struct RouterOptions: Equatable, Sendable {
    /// Choices per token, k.
    public var topK: Int?
    /// Whether the weights of a token are divided by their norm, ``normalizeMoment``; nil for the router's default.
    public var normalize: Bool?
    /// The moment at which the weights are divided: before or after the drop.
    public var normalizeMoment: WeightNormalization.Moment?
    /// The power p of the p-norm by which the weights are divided.
    public var normalizePower: Double?
    /// The lower limit of the divisor of a token's gate weights.
    public var normalizeFloor: Double?
    /// The softcap of the logits: c in c tanh(l / c).
    public var softcap: Double?
    /// The divisor of the logits.
    public var temperature: Double?
    /// The factor on every weight.
    public var scale: Double?
    /// Whether to route as in training or as in evaluation; as in training when nil.
    public var training: Bool?
    /// Whether copies are dropped, and in which order copies get places.
    public var drop: DropPolicy?
    /// The capacity of an expert, as a multiple of the unit ``capacityOf``.
    public var capacityFactor: Double?
    /// The unit of ``capacityFactor``: copies or tokens per expert, all tokens, or single copies.
    public var capacityOf: CapacityUnit?
    /// The lower limit of an expert's capacity, in copies.
    public var minCapacity: Int?
    /// The direction in which a capacity is rounded.
    public var capacityRounding: CapacityRule.Rounding?
    /// The number to whose next multiple a capacity is raised.
    public var capacityMultiple: Int?
    /// The tokens that compete for places.
    public var capacityScope: CapacityRule.Scope?
    /// Number of consecutive tokens that form a competing group.
    public var capacityGroup: Int?
    /// The most experts that a copy tries after its own expert was full.
    public var nextChoices: Int?
    /// The policy by which a token asks for its second and later choices.
    public var further: FurtherPolicy?
    /// The threshold of ``further`` for the weight or score of a choice.
    public var furtherThreshold: Double?
    /// The number of groups of experts.
    public var groups: Int?
    /// The number of groups that a token may use.
    public var groupsKept: Int?
    /// The number of devices that the device losses and the drop by device count by.
    public var devices: Int?
    /// The upper limit of a device's copies, as a multiple of the average copies of a device.
    public var deviceFactor: Double?
    /// The factor on the change of the selection bias in each step.
    public var biasRate: Double?
    /// The part of the load error that the selection bias follows: its sign or its value.
    public var biasUpdate: SelectionBias.Update?
    /// The operation by which the selection bias enters a score.
    public var biasForm: SelectionBias.Form?
    /// The number of groups of a hierarchical router's first level.
    public var hierarchyGroups: Int?
    /// The number of hash functions per token.
    public var hashes: Int?
    /// Rows of a block, to a whole number of which each expert's queue is padded.
    public var blockRows: Int?
    /// Coefficient of the balance loss.
    public var auxLoss: Double?
    /// Coefficient of the router z-loss.
    public var zLoss: Double?
    /// Coefficient of the device balance loss.
    public var deviceLoss: Double?
    /// Coefficient of the communication balance loss.
    public var communicationLoss: Double?
    /// Coefficient of the importance loss.
    public var importanceLoss: Double?
    /// Coefficient of the load loss.
    public var loadLoss: Double?
    /// The constant that is added to the learned scale of the noise on the logits.
    public var noiseEpsilon: Double?
    /// The standard deviation of fixed noise on the logits.
    public var noiseStd: Double?
    /// Half the width of the noise on the gate's input; for SparseMixer, half the relative distance of rival experts.
    public var jitter: Double?
    /// The program that routes, with its arguments.
    public var command: [String]?
    /// The numbers of a token that the program reads.
    public var commandInput: RouterInputKind?
    /// The time that the program has for an answer, in seconds.
    public var commandSeconds: Double?
    /// Whether the program decides token by token.
    public var commandPerToken: Bool?
    /// The number of occurrences of each vocabulary id, `[vocabulary]`, for routers that hash by frequency.
    ///
    /// This is no option: it follows from the tokens.
    public var frequencies: [Double]?

    /// Create options of which none is given.
    public init() {}

    /// The rows of all options, in the order in which they are shown and change a rule.
    public static let rows: [RouterOption] = weights + capacity + selection + losses + noise + command

    private static let weights: [RouterOption] = [
        RouterOption(
            "top_k",
            \.topK,
            .integer(1...65535),
            "Experts per token; at most as many as there are, identity experts among them.",
            checkpoint: ["num_experts_per_tok", "num_experts_per_token", "moe_top_k", "moe_topk", "moe_k"],
            shown: .init("top-k") { "\($0.topK)" },
            used: { $0.topK }
        ) { $0.topK = $1 },
        RouterOption(
            "normalize",
            \.normalize,
            .boolean,
            "Divides the weights of a token by their sum.",
            checkpoint: ["norm_topk_prob", "moe_renormalize", "route_norm"],
            shown: .init("weights divided by", \.normalizationWords),
            used: { $0.normalization != nil }
        ) { $0.normalization = $1 ? $0.normalization ?? WeightNormalization() : nil },
        RouterOption(
            "normalize_moment",
            \.normalizeMoment,
            .choice,
            "Whether they are divided before copies are dropped or afterwards.",
            when: .divides,
            used: { $0.normalization?.moment }
        ) { $0.normalization?.moment = $1 },
        RouterOption(
            "normalize_power",
            \.normalizePower,
            .number(above: 0),
            "They are divided by the p-norm; 1 is their sum (DBRX).",
            when: .divides,
            checkpoint: ["moe_normalize_expert_weights"],
            null: { $0.normalize = false },
            used: { $0.normalization?.power }
        ) { $0.normalization?.power = $1 },
        RouterOption(
            "normalize_floor",
            \.normalizeFloor,
            .number(from: 0),
            "The least that they are divided by (ERNIE: 1e-12).",
            when: .divides,
            checkpoint: ["moe_norm_min"],
            used: { $0.normalization?.floor }
        ) { $0.normalization?.floor = $1 },
        RouterOption(
            "softcap",
            \.softcap,
            .number(above: 0),
            "Logits become c tanh(l / c) with this c (Grok-2: 30).",
            checkpoint: ["router_logit_softcapping"],
            shown: .init("softcap") { TopKRule.short($0.softcap) },
            used: { $0.softcap }
        ) { $0.softcap = $1 },
        RouterOption(
            "temperature",
            \.temperature,
            .number(above: 0),
            "Divides the logits: below 1 for sharper scores, above 1 for flatter ones (X-MoE, arXiv 2204.09179).",
            shown: .init("temperature") { TopKRule.short($0.temperature) },
            used: { $0.temperature }
        ) { $0.temperature = $1 },
        RouterOption(
            "scale",
            \.scale,
            .number(above: 0),
            "Multiplies every weight.",
            checkpoint: ["routed_scaling_factor", "route_scale", "router_scaling_factor"],
            shown: .init("scale") { TopKRule.short($0.scale) },
            used: { $0.scale }
        ) { $0.scale = $1 },
        // Evaluation leaves out what other options give: `TopKRule.applying(_:)` comes to it last.
        RouterOption(
            "training",
            \.training,
            .boolean,
            "Routes as in training, with noise, jitter, learning and balanced assignment, or as in evaluation.",
            absence: "true"
        ),
    ]

    /// The options of the selection: the experts that a token may choose, and the bias that moves the choice from step
    /// to step.
    private static let selection: [RouterOption] = [
        RouterOption(
            "further",
            \.further,
            .choice,
            "Which second and later choices are asked for: those of a weight above the threshold, drawn by weight or "
                + "score / threshold, or all, drawn by their softmax (sampling) or not.",
            shown: .init("further choices", \.furtherWords),
            used: { $0.further.policy },
            settle: TopKRule.settleFurther
        ),
        RouterOption(
            "further_threshold",
            \.furtherThreshold,
            .number(above: 0),
            "That threshold; 0.2 where router.kind has none.",
            when: .hasThreshold,
            used: { $0.further.threshold },
            settle: TopKRule.settleFurther
        ),
        RouterOption(
            "groups",
            \.groups,
            .integer(1...65535),
            "Groups of neighbouring experts; must divide them.",
            checkpoint: ["n_group", "num_expert_group"],
            shown: .init("groups") { $0.groups.map { "\($0.kept) of \($0.groups)" } ?? "none" },
            used: { $0.groups?.groups ?? 1 },
            settle: TopKRule.settleGroups
        ),
        RouterOption(
            "groups_kept",
            \.groupsKept,
            .integer(1...65535),
            "Groups that a token may use; they must hold k experts.",
            checkpoint: ["topk_group"],
            used: { $0.groups?.kept ?? 1 },
            settle: TopKRule.settleGroups
        ),
        RouterOption(
            "devices",
            \.devices,
            .integer(1...65535),
            "Devices of the device losses and of device_factor; router.groups when left out.",
            when: .hasDevices,
            used: { $0.hasDevices ? $0.devices : nil },
            settle: TopKRule.settleDevices
        ),
        RouterOption(
            "device_factor",
            \.deviceFactor,
            .number(above: 0),
            "Drops copies over this multiple of a device's even share (DeepSeek-V2 in training: 1).",
            when: .trains,
            shown: .init("drops by device", \.deviceDropWords),
            used: { $0.deviceDrop?.factor },
            settle: TopKRule.settleDevices
        ),
        RouterOption(
            "bias_rate",
            \.biasRate,
            .number(from: 0),
            "The change of the selection bias in a step (DeepSeek-V3: 0.001).",
            when: .trains,
            shown: .init("selection bias", \.biasWords),
            used: { $0.bias?.rate }
        ) { $0.changeBias(\.rate, $1) },
        RouterOption(
            "bias_update",
            \.biasUpdate,
            .choice,
            "Whether it follows the sign of the error of the load, or the error.",
            when: .biasLearns,
            used: { $0.bias?.update }
        ) { $0.changeBias(\.update, $1) },
        RouterOption(
            "bias_form",
            \.biasForm,
            .choice,
            "Whether it is added to the scores or multiplies them.",
            when: .hasBias,
            used: { $0.bias?.form }
        ) { $0.changeBias(\.form, $1) },
        RouterOption(
            "hierarchy_groups",
            \.hierarchyGroups,
            .integer(1...65535),
            "Groups of the first level; must divide the experts.",
            readBy: .named
        ),
        RouterOption(
            "hashes",
            \.hashes,
            .integer(1...65535),
            "Hash functions per token; must divide the experts.",
            readBy: .named
        ),
        RouterOption(
            "block_rows",
            \.blockRows,
            .integer(1...65536),
            "Pads each expert's queue to blocks of so many rows (MegaBlocks: 128).",
            shown: .init("blocks of") { $0.blockRows.map { "\($0) rows" } ?? "1 row" },
            used: { $0.blockRows }
        ) { $0.blockRows = $1 },
    ]

    /// The options of the losses: their coefficients.
    private static let losses: [RouterOption] = [
        RouterOption(
            "aux_loss",
            \.auxLoss,
            .number(from: 0),
            "Coefficient of the balance loss.",
            checkpoint: ["router_aux_loss_coef", "aux_loss_alpha", "aux_loss_coef", "moe_loss_weight"],
            ofTraining: true,
            shown: .init("losses", \.lossSummary),
            used: { $0.coefficient(\.isBalanceOfExperts) }
        ) { $0.setLoss(.switchAuxiliary(.one), $1, \.isBalanceOfExperts) },
        RouterOption(
            "z_loss",
            \.zLoss,
            .number(from: 0),
            "Coefficient of the router z-loss.",
            checkpoint: ["router_z_loss_coef"],
            ofTraining: true,
            used: { $0.coefficient { $0 == .routerZ } }
        ) { $0.setLoss(.routerZ, $1) { $0 == .routerZ } },
        RouterOption(
            "device_loss",
            \.deviceLoss,
            .number(from: 0),
            "Coefficient of the device balance loss.",
            used: { $0.coefficient { if case .device = $0 { true } else { false } } },
            settle: TopKRule.settleDevices
        ),
        RouterOption(
            "communication_loss",
            \.communicationLoss,
            .number(from: 0),
            "Coefficient of the communication balance loss.",
            used: { $0.coefficient { if case .communication = $0 { true } else { false } } },
            settle: TopKRule.settleDevices
        ),
        RouterOption(
            "importance_loss",
            \.importanceLoss,
            .number(from: 0),
            "Coefficient of the importance loss.",
            used: { $0.coefficient { $0 == .importance } }
        ) {
            $0.setLoss(.importance, $1) { $0 == .importance }
        },
        RouterOption(
            "load_loss",
            \.loadLoss,
            .number(from: 0),
            "Coefficient of the load loss.",
            readBy: .named
        ),
    ]

    /// The options of noise.
    private static let noise: [RouterOption] = [
        RouterOption(
            "noise_epsilon",
            \.noiseEpsilon,
            .number(from: 0),
            "Added to the softplus that scales the noise.",
            readBy: .named,
            when: .trains
        ),
        RouterOption(
            "noise_std",
            \.noiseStd,
            .number(from: 0),
            "Standard deviation of fixed noise on the logits.",
            when: .trains,
            shown: .init("logit noise", \.noiseWords),
            used: { $0.normalNoise }
        ) { $0.noise = $1 == 0 ? nil : .normal($1) },
        RouterOption(
            "jitter",
            \.jitter,
            .number(from: 0, below: 1),
            "Half the width of the noise on the gate's input in training (Switch: 0.01); for phimoe, the relative distance "
                + "within which experts are rivals.",
            when: .jitters,
            checkpoint: ["router_jitter_noise", "moe_jitter_eps"],
            ofTraining: true,
            // A share, 1 included, which the option is not.
            checkpointRange: 0...1,
            shown: .init("jitter") { TopKRule.short($0.inputJitter) },
            used: { $0.inputJitter ?? 0 }
        ) { $0.inputJitter = $1 == 0 ? nil : $1 },
    ]

    /// The options of a program that routes.
    private static let command: [RouterOption] = [
        RouterOption(
            "command",
            \.command,
            .command,
            "The program that routes, started once by the coordinator, with its arguments.",
            readBy: .named,
            required: true
        ),
        RouterOption(
            "command_input",
            \.commandInput,
            .choice,
            "Whether it reads the gate's logits or the hidden states.",
            absence: "logits",
            readBy: .named
        ),
        RouterOption(
            "command_seconds",
            \.commandSeconds,
            .number(0.001...20),
            "Seconds that it has for an answer.",
            absence: "10",
            readBy: .named
        ),
        RouterOption(
            "command_per_token",
            \.commandPerToken,
            .boolean,
            "Says that it decides token by token, as two micro-batches need.",
            absence: "false",
            readBy: .named
        ),
    ]
}
