/// What a run may set about its router, by its key in the section `router` of a configuration.
///
/// Each is a property of ``RouterOptions``; ``RouterCatalog/Entry/reads`` says which router reads which.
public enum RouterOption: String, CaseIterable, Sendable {
    case topK = "top_k"
    case normalize
    case normalizeMoment = "normalize_moment"
    case normalizePower = "normalize_power"
    case normalizeFloor = "normalize_floor"
    case scale
    case softcap
    case training
    case drop
    case capacityFactor = "capacity_factor"
    case capacityOf = "capacity_of"
    case minCapacity = "min_capacity"
    case capacityRounding = "capacity_rounding"
    case capacityMultiple = "capacity_multiple"
    case capacityScope = "capacity_scope"
    case capacityGroup = "capacity_group"
    case nextChoices = "next_choices"
    case further
    case furtherThreshold = "further_threshold"
    case groups
    case groupsKept = "groups_kept"
    case devices
    case deviceFactor = "device_factor"
    case biasRate = "bias_rate"
    case biasUpdate = "bias_update"
    case biasForm = "bias_form"
    case auxLoss = "aux_loss"
    case zLoss = "z_loss"
    case deviceLoss = "device_loss"
    case communicationLoss = "communication_loss"
    case importanceLoss = "importance_loss"
    case loadLoss = "load_loss"
    case noiseEpsilon = "noise_epsilon"
    case noiseStd = "noise_std"
    case jitter
    case hierarchyGroups = "hierarchy_groups"
    case hashes
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
