public import MoE

/// The section `router`: which experts see which tokens, with what weight, and what happens to a full expert.
///
/// What is nil is as the router called ``kind`` has it; ``RouterOption`` lists which options there are.
public struct RouterConfiguration: Codable, Equatable, Sendable {
    /// The name of the router in ``RouterCatalog``.
    public var kind = "softmax-top-k"
    /// Experts per token, k.
    public var topK: Int?
    /// Divides the weights of a token by their sum.
    public var normalize: Bool?
    /// Whether they are divided before or after the drop.
    public var normalizeMoment: WeightNormalization.Moment?
    /// The power of the norm that they are divided by.
    public var normalizePower: Double?
    /// The least that they are divided by.
    public var normalizeFloor: Double?
    /// Multiplies every weight.
    public var scale: Double?
    /// c in c tanh(l / c), applied to the logits.
    public var softcap: Double?
    /// Whether it routes as in training.
    public var training: Bool?
    /// Standard deviation of the seeded gate's logits for a token of unit RMS.
    public var logitStd = 1.0
    /// Whether a full expert drops copies, and which.
    public var drop: DropPolicy?
    /// The number of the capacity.
    public var capacityFactor: Double?
    /// What that number multiplies.
    public var capacityOf: CapacityUnit?
    /// Copies that an expert takes at least.
    public var minCapacity: Int?
    /// How the capacity becomes whole.
    public var capacityRounding: CapacityRule.Rounding?
    /// The capacity is raised to a multiple of this.
    public var capacityMultiple: Int?
    /// Which tokens compete.
    public var capacityScope: CapacityScope?
    /// Tokens of a group that competes.
    public var capacityGroup: Int?
    /// Next best experts that a copy without a place tries.
    public var nextChoices: Int?
    /// Whether second and later choices are asked for.
    public var further: FurtherPolicy?
    /// The threshold of that policy.
    public var furtherThreshold: Double?
    /// Groups of experts.
    public var groups: Int?
    /// Groups that a token may use.
    public var groupsKept: Int?
    /// Devices of the device losses and of dropping by device.
    public var devices: Int?
    /// Budget of a device relative to its average.
    public var deviceFactor: Double?
    /// How far the selection bias moves in a step.
    public var biasRate: Double?
    /// How the selection bias follows the error of the load.
    public var biasUpdate: SelectionBias.Update?
    /// How the selection bias enters.
    public var biasForm: SelectionBias.Form?
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
    /// Added to the softplus that scales the noise.
    public var noiseEpsilon: Double?
    /// Standard deviation of fixed noise on the logits.
    public var noiseStd: Double?
    /// Half the width of the noise on the gate's input.
    public var jitter: Double?
    /// Groups of the first level of a hierarchy.
    public var hierarchyGroups: Int?
    /// Hash functions per token.
    public var hashes: Int?
    /// Rows to which each expert's queue is padded.
    public var blockRows: Int?

    /// The defaults.
    public init() {}

    /// The options as the routers take them; nil where nothing is set.
    public var options: RouterOptions {
        var options = RouterOptions(topK: topK, normalize: normalize, scale: scale)
        options.normalizeMoment = normalizeMoment
        (options.normalizePower, options.normalizeFloor, options.softcap) = (normalizePower, normalizeFloor, softcap)
        options.isTraining = training
        options.further = further
        options.furtherThreshold = furtherThreshold
        (options.groups, options.groupsKept) = (groups, groupsKept)
        (options.devices, options.deviceFactor) = (devices, deviceFactor)
        (options.biasRate, options.biasUpdate, options.biasForm) = (biasRate, biasUpdate, biasForm)
        (options.auxiliaryLoss, options.zLoss) = (auxLoss, zLoss)
        (options.deviceLoss, options.communicationLoss) = (deviceLoss, communicationLoss)
        (options.importanceLoss, options.loadLoss) = (importanceLoss, loadLoss)
        (options.noiseEpsilon, options.noiseDeviation, options.inputJitter) = (noiseEpsilon, noiseStd, jitter)
        (options.hierarchyGroups, options.hashes, options.blockRows) = (hierarchyGroups, hashes, blockRows)
        setCapacity(&options)
        return options
    }

    private func setCapacity(_ options: inout RouterOptions) {
        options.dropsNothing = drop == DropPolicy.none
        options.order = drop?.order
        options.capacityFactor = capacityFactor
        options.capacityUnit = capacityOf
        options.minimumCapacity = minCapacity
        options.capacityRounding = capacityRounding
        options.capacityMultiple = capacityMultiple
        options.overflow = nextChoices.map { $0 == 0 ? .drop : .nextChoices($0) }
        options.capacityScope = capacityScope.flatMap { scope in
            switch scope {
            case .batch: .batch
            case .sequences: .sequences
            case .groups: capacityGroup.map { .groups(of: $0) }
            }
        }
    }

    /// The router.
    ///
    /// - Parameter tokenFrequencies: how often each vocabulary id occurs, for routers that hash by frequency; nil to
    ///   let them count the tokens of each step.
    /// - Throws: ``RoutingError`` when no router is called ``kind``, or its capacity is not allowed; neither can be in
    ///   a resolved configuration.
    public func makeRouter(tokenFrequencies: [Double]? = nil) throws(RoutingError) -> any Router {
        var options = self.options
        options.frequencies = tokenFrequencies
        return try RouterCatalog.router(named: kind, options: options)
    }
}
