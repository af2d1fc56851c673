import MoE

extension RunSchema {
    private typealias Entry = Setting<RunConfiguration>

    /// The settings of the section `router`.
    static let router: [Setting<RunConfiguration>] = choice + capacity + selection + losses + noise

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

    private static let capacity: [Entry] = [
        option(
            .drop,
            \.router.drop,
            .choice,
            "Which copies come first when an expert is full, the others being dropped; none drops nothing. A router that "
                + "drops nothing by itself then drops over 1.25 k S / E, at least 4."
        ),
        option(
            .capacityFactor,
            \.router.capacityFactor,
            .number(above: 0),
            "The capacity of an expert, as a multiple of capacity_of.",
            when: drops
        ),
        option(
            .capacityOf,
            \.router.capacityOf,
            .choice,
            "What the factor multiplies, for S competing tokens: k S / E, S / E, ceil(S / E), S or nothing.",
            when: drops
        ),
        option(
            .minCapacity,
            \.router.minCapacity,
            .integer(0...Int(Int32.max)),
            "Copies that an expert takes at least.",
            when: drops
        ),
        option(.capacityRounding, \.router.capacityRounding, .choice, "How a capacity becomes whole.", when: drops),
        option(
            .capacityMultiple,
            \.router.capacityMultiple,
            .integer(1...65536),
            "Raises the capacity to a multiple of this.",
            when: drops
        ),
        option(
            .capacityScope,
            \.router.capacityScope,
            .choice,
            "Which tokens compete: all of a step, groups of consecutive ones, or those of a sequence.",
            when: drops
        ),
        option(
            .capacityGroup,
            \.router.capacityGroup,
            .integer(1...16_777_216),
            "Tokens of a group; the last takes the rest.",
            when: drops.and(
                When("router.capacity_scope", "router.capacity_scope is groups") { $0.router.capacityScope == .groups }
            ),
            required: true
        ),
        option(
            .nextChoices,
            \.router.nextChoices,
            .integer(0...65535),
            "Next best experts that a copy without a place tries before it is dropped.",
            when: drops
        ),
    ]

    private static let selection: [Entry] = [
        option(
            .further,
            \.router.further,
            .choice,
            "Which second and later choices are asked for: those of a weight above the threshold, drawn by weight or "
                + "score / threshold, or all, drawn by their softmax (sampling) or not."
        ),
        option(
            .furtherThreshold,
            \.router.furtherThreshold,
            .number(above: 0),
            "That threshold; 0.2 where router.kind has none.",
            when: hasThreshold
        ),
        option(.groups, \.router.groups, .integer(1...65535), "Groups of neighbouring experts; must divide them."),
        option(
            .groupsKept,
            \.router.groupsKept,
            .integer(1...65535),
            "Groups that a token may use; they must hold k experts."
        ),
        option(
            .devices,
            \.router.devices,
            .integer(1...65535),
            "Devices of the device losses and of device_factor; router.groups when left out.",
            when: hasDevices
        ),
        option(
            .deviceFactor,
            \.router.deviceFactor,
            .number(above: 0),
            "Drops copies over this multiple of a device's even share (DeepSeek-V2 in training: 1).",
            when: trains
        ),
        option(
            .biasRate,
            \.router.biasRate,
            .number(from: 0),
            "How far the selection bias moves in a step (DeepSeek-V3: 0.001).",
            when: trains
        ),
        option(
            .biasUpdate,
            \.router.biasUpdate,
            .choice,
            "Whether it follows the sign of the error of the load, or the error.",
            when: trains.and(biasLearns)
        ),
        option(
            .biasForm,
            \.router.biasForm,
            .choice,
            "Whether it is added to the scores or multiplies them.",
            when: hasBias
        ),
        option(
            .hierarchyGroups,
            \.router.hierarchyGroups,
            .integer(1...65535),
            "Groups of the first level; must divide the experts."
        ),
        option(.hashes, \.router.hashes, .integer(1...65535), "Hash functions per token; must divide the experts."),
        option(
            .blockRows,
            \.router.blockRows,
            .integer(1...65536),
            "Pads each expert's queue to blocks of so many rows (MegaBlocks: 128)."
        ),
    ]

    private static let losses: [Entry] = [
        option(.auxLoss, \.router.auxLoss, .number(from: 0), "Coefficient of the balance loss."),
        option(.zLoss, \.router.zLoss, .number(from: 0), "Coefficient of the router z-loss."),
        option(.deviceLoss, \.router.deviceLoss, .number(from: 0), "Coefficient of the device balance loss."),
        option(
            .communicationLoss,
            \.router.communicationLoss,
            .number(from: 0),
            "Coefficient of the communication balance loss."
        ),
        option(.importanceLoss, \.router.importanceLoss, .number(from: 0), "Coefficient of the importance loss."),
        option(.loadLoss, \.router.loadLoss, .number(from: 0), "Coefficient of the load loss."),
    ]

    private static let noise: [Entry] = [
        option(
            .noiseEpsilon,
            \.router.noiseEpsilon,
            .number(from: 0),
            "Added to the softplus that scales the noise.",
            when: trains
        ),
        option(
            .noiseStd,
            \.router.noiseStd,
            .number(from: 0),
            "Standard deviation of fixed noise on the logits.",
            when: trains
        ),
        option(
            .jitter,
            \.router.jitter,
            .number(from: 0, below: 1),
            "Half the width of the noise on the gate's input in training (Switch: 0.01); for phimoe, the relative distance "
                + "within which experts are rivals.",
            when: jitters
        ),
    ]

    private static func option<Value>(
        _ option: RouterOption,
        _ path: any WritableKeyPath<RunConfiguration, Value?> & Sendable,
        _ rule: ValueRule<Value>,
        _ help: String,
        absence: String = "as router.kind has it",
        when condition: When? = nil,
        required: Bool = false
    ) -> Entry {
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
