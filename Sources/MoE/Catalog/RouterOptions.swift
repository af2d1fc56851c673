/// What a run may set about its router.
///
/// Each router reads the options that it knows. What is nil stays as the router's row of the catalogue has it, so
/// `RouterOptions()` gives every family as it was published.
public struct RouterOptions: Equatable, Sendable {
    /// Choices per token, k.
    public var topK: Int?
    /// True to divide the k weights of a token by their sum, false to leave them.
    public var normalize: Bool?
    /// Whether weights are divided before or after the drop, where they are divided.
    public var normalizeMoment: WeightNormalization.Moment?
    /// The power of the norm that they are divided by (DBRX: 1).
    public var normalizePower: Double?
    /// The least that they are divided by (ERNIE: 1e-12).
    public var normalizeFloor: Double?
    /// Multiplies every weight.
    public var scale: Double?
    /// c in c tanh(l / c), applied to the logits (Grok-2: 30).
    public var softcap: Double?
    /// False for evaluation: no noise, no jitter, no learning, unbalanced where only training balances. True when nil.
    public var isTraining: Bool?

    /// How many copies an expert takes, in place of the whole rule of the family.
    public var capacity: CapacityRule?
    /// True to drop nothing, even where the family drops.
    public var dropsNothing: Bool
    /// The number of the capacity, in the family's unit unless `capacityUnit` is given. It and `order` make a family
    /// that drops nothing drop by ``CapacityRule/standard``; the capacity options below are read where there is a rule.
    public var capacityFactor: Double?
    /// What the number of the capacity multiplies.
    public var capacityUnit: CapacityUnit?
    /// The least capacity.
    public var minimumCapacity: Int?
    /// How a capacity becomes whole.
    public var capacityRounding: CapacityRule.Rounding?
    /// The capacity is raised to a multiple of this.
    public var capacityMultiple: Int?
    /// Which tokens compete.
    public var capacityScope: CapacityRule.Scope?
    /// Who comes first.
    public var order: ContestOrder?
    /// What becomes of copies without a place.
    public var overflow: CapacityRule.Overflow?
    /// Whether second and later choices are asked for.
    public var further: FurtherPolicy?
    /// The threshold of that policy; 0.2 where neither this nor the family's rule has one (Mesh TensorFlow).
    public var furtherThreshold: Double?

    /// Groups of experts and how many of them a token may use (families with a limit).
    public var groups: Int?
    /// Groups that a token may use.
    public var groupsKept: Int?
    /// Devices of device-level dropping and of the device and communication losses (DeepSeek-V2).
    public var devices: Int?
    /// Budget of a device as a multiple of its average, to drop by device in training (DeepSeek-V2: 1.0).
    public var deviceFactor: Double?
    /// How far the selection bias moves in a step (DeepSeek-V3: 0.001).
    public var biasRate: Double?
    /// How the selection bias follows the error of the load.
    public var biasUpdate: SelectionBias.Update?
    /// How the selection bias enters.
    public var biasForm: SelectionBias.Form?

    /// Coefficient of the family's balance loss.
    public var auxiliaryLoss: Double?
    /// Coefficient of the router z-loss.
    public var zLoss: Double?
    /// Coefficient of the device balance loss (DeepSeek-V2: 0.05).
    public var deviceLoss: Double?
    /// Coefficient of the communication balance loss (DeepSeek-V2: 0.02).
    public var communicationLoss: Double?
    /// Added to the softplus that scales the noise (noisy top-k).
    public var noiseEpsilon: Double?
    /// Standard deviation of fixed noise on the logits (lecture form).
    public var noiseDeviation: Double?
    /// Half the width of the noise on the gate's input (Switch), or the relative distance of rivals (SparseMixer).
    public var inputJitter: Double?
    /// Coefficient of the importance loss.
    public var importanceLoss: Double?
    /// Coefficient of the load loss (noisy top-k).
    public var loadLoss: Double?
    /// Groups of the first level of a hierarchy.
    public var hierarchyGroups: Int?
    /// Hash functions per token (multi-hash).
    public var hashes: Int?
    /// How often each vocabulary id occurs, by id (balanced hash).
    public var frequencies: [Double]?
    /// Rows to which each expert's queue is padded (MegaBlocks).
    public var blockRows: Int?

    /// Options; what is not given stays as the family has it.
    public init(
        topK: Int? = nil,
        normalize: Bool? = nil,
        scale: Double? = nil,
        auxiliaryLoss: Double? = nil,
        noiseEpsilon: Double? = nil,
        importanceLoss: Double? = nil,
        loadLoss: Double? = nil,
        capacity: CapacityRule? = nil,
        dropsNothing: Bool = false
    ) {
        self.topK = topK
        self.normalize = normalize
        self.scale = scale
        self.auxiliaryLoss = auxiliaryLoss
        self.noiseEpsilon = noiseEpsilon
        self.importanceLoss = importanceLoss
        self.loadLoss = loadLoss
        self.capacity = capacity
        self.dropsNothing = dropsNothing
    }
}
