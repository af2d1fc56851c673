/// What a run may set about its router, by its key in the section `router` of a configuration.
///
/// Each is a property of ``RouterOptions``; ``RouterCatalog/Entry/reads`` says which router reads which.
public enum RouterOption: String, CaseIterable, Sendable {
    /// Choices per token, k.
    case topK = "top_k"
    /// Whether weights are divided by their norm.
    case normalize
    /// Whether before or after the drop.
    case normalizeMoment = "normalize_moment"
    /// The power of the norm.
    case normalizePower = "normalize_power"
    /// The least divisor.
    case normalizeFloor = "normalize_floor"
    /// Multiplies every weight.
    case scale
    /// c in c tanh(l / c).
    case softcap
    /// Training or evaluation.
    case training
    /// Whether copies are dropped, and which come first.
    case drop
    /// The number of the capacity.
    case capacityFactor = "capacity_factor"
    /// Its unit.
    case capacityOf = "capacity_of"
    /// The least capacity.
    case minCapacity = "min_capacity"
    /// How a capacity becomes whole.
    case capacityRounding = "capacity_rounding"
    /// What it is a multiple of.
    case capacityMultiple = "capacity_multiple"
    /// Which tokens compete.
    case capacityScope = "capacity_scope"
    /// Tokens of a competing group.
    case capacityGroup = "capacity_group"
    /// Further experts that a copy without a place tries.
    case nextChoices = "next_choices"
    /// Which further choices are asked for.
    case further
    /// The threshold of that policy.
    case furtherThreshold = "further_threshold"
    /// Groups of experts.
    case groups
    /// Groups that a token may use.
    case groupsKept = "groups_kept"
    /// Devices of losses and drop by device.
    case devices
    /// Budget of a device.
    case deviceFactor = "device_factor"
    /// Step of the selection bias.
    case biasRate = "bias_rate"
    /// How it follows the error of the load.
    case biasUpdate = "bias_update"
    /// How it enters.
    case biasForm = "bias_form"
    /// Coefficient of the balance loss.
    case auxLoss = "aux_loss"
    /// Coefficient of the router z-loss.
    case zLoss = "z_loss"
    /// Coefficient of the device balance loss.
    case deviceLoss = "device_loss"
    /// Coefficient of the communication balance loss.
    case communicationLoss = "communication_loss"
    /// Coefficient of the importance loss.
    case importanceLoss = "importance_loss"
    /// Coefficient of the load loss.
    case loadLoss = "load_loss"
    /// Added to the scale of learned noise.
    case noiseEpsilon = "noise_epsilon"
    /// Scale of fixed noise.
    case noiseStd = "noise_std"
    /// Noise on the gate's input, or the distance of rivals.
    case jitter
    /// Groups of the first level.
    case hierarchyGroups = "hierarchy_groups"
    /// Hash functions per token.
    case hashes
    /// Rows of a padded block.
    case blockRows = "block_rows"
}

extension Set<RouterOption> {
    /// The options of routers whose experts have queues.
    static let queue: Set = [
        .drop, .capacityFactor, .capacityOf, .minCapacity, .capacityRounding, .capacityMultiple, .capacityScope,
        .capacityGroup,
    ]

    /// The options of every ``TopKRule``.
    static let topKRule = Set(RouterOption.allCases).subtracting([.loadLoss, .noiseEpsilon, .hierarchyGroups, .hashes])
}
