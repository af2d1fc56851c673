extension TopKRule {
    /// This rule with what a run sets.
    public func applying(_ options: RouterOptions) -> TopKRule {
        var rule = self
        rule.topK = options.topK ?? topK
        rule.scale = options.scale ?? scale
        rule.softcap = options.softcap ?? softcap
        rule.blockRows = options.blockRows ?? blockRows
        rule.capacity = options.capacity(for: capacity)
        rule.applyNormalization(options)
        rule.applyFurther(options)
        rule.applyGroups(options)
        rule.applyNoise(options)
        rule.applyBias(options)
        rule.applyLosses(options)
        rule.applyDevices(options)
        if options.isTraining == false { rule.stopTraining() }
        return rule
    }

    private mutating func applyNormalization(_ options: RouterOptions) {
        if let normalize = options.normalize {
            normalization = normalize ? normalization ?? WeightNormalization() : nil
        }
        if let moment = options.normalizeMoment { normalization?.moment = moment }
        if let power = options.normalizePower { normalization?.power = power }
        if let floor = options.normalizeFloor { normalization?.floor = floor }
    }

    private mutating func applyFurther(_ options: RouterOptions) {
        guard options.further != nil || options.furtherThreshold != nil else { return }
        let threshold = options.furtherThreshold ?? further.threshold ?? 0.2
        further = FurtherChoices(options.further ?? further.policy, threshold: threshold)
    }

    private mutating func applyGroups(_ options: RouterOptions) {
        guard options.groups != nil || options.groupsKept != nil else { return }
        var limit = groups ?? GroupLimit(groups: 1, kept: 1, score: .sumOfLargest(2))
        limit.groups = options.groups ?? limit.groups
        limit.kept = options.groupsKept ?? limit.kept
        // One group limits nothing, whatever the family keeps of its own.
        groups = limit.groups == 1 && options.groupsKept ?? 1 == 1 ? nil : limit
    }

    private mutating func applyNoise(_ options: RouterOptions) {
        if let jitter = options.inputJitter { inputJitter = jitter == 0 ? nil : jitter }
        if let deviation = options.noiseDeviation { noise = deviation == 0 ? nil : .normal(deviation) }
    }

    private mutating func applyBias(_ options: RouterOptions) {
        guard options.biasRate != nil || options.biasUpdate != nil || options.biasForm != nil else { return }
        var bias = bias ?? SelectionBias()
        bias.rate = options.biasRate ?? bias.rate
        bias.update = options.biasUpdate ?? bias.update
        bias.form = options.biasForm ?? bias.form
        self.bias = bias
    }

    private mutating func applyLosses(_ options: RouterOptions) {
        setLoss(.switchAuxiliary(.one), options.auxiliaryLoss, \.isBalanceOfExperts)
        setLoss(.routerZ, options.zLoss) { $0 == .routerZ }
        setLoss(.importance, options.importanceLoss) { $0 == .importance }
    }

    private mutating func applyDevices(_ options: RouterOptions) {
        let devices = options.devices ?? options.groups ?? self.devices ?? 1
        if let factor = options.deviceFactor { deviceDrop = DeviceDrop(devices: devices, factor: factor) }
        deviceDrop?.devices = devices
        let communication = LossRule.communication(devices: devices, limit: groups?.kept ?? devices)
        setLoss(.device(devices), options.deviceLoss) { if case .device = $0 { true } else { false } }
        setLoss(communication, options.communicationLoss) { if case .communication = $0 { true } else { false } }
        for index in losses.indices {
            switch losses[index].rule {
            case .device: losses[index].rule = .device(devices)
            case .communication: losses[index].rule = communication
            default: break
            }
        }
    }

    /// Devices of the rule's losses and drop, else its groups of experts, or nil where it has none of these.
    public var devices: Int? {
        losses.lazy.compactMap(\.rule.devices).first ?? deviceDrop?.devices ?? groups?.groups
    }

    /// True where a loss or a drop counts by device.
    public var hasDevices: Bool { deviceDrop != nil || losses.contains { $0.rule.devices != nil } }

    /// Gives the first loss of a kind another coefficient, or adds one where there is none.
    private mutating func setLoss(_ rule: LossRule, _ coefficient: Double?, _ isOfKind: (LossRule) -> Bool) {
        guard let coefficient else { return }
        if let index = losses.firstIndex(where: { isOfKind($0.rule) }) {
            losses[index].coefficient = coefficient
        } else {
            losses.append(LossTerm(rule, coefficient))
        }
    }

    private mutating func stopTraining() {
        noise = nil
        inputJitter = nil
        deviceDrop = nil
        bias?.rate = 0
    }
}

extension LossRule {
    /// The devices that it counts by, or nil.
    fileprivate var devices: Int? {
        switch self {
        case .device(let devices), .communication(let devices, _): devices
        case .switchAuxiliary, .firstChoice, .sequence, .routerZ, .importance: nil
        }
    }

    /// True for the losses that balance the experts, of which a family has one.
    fileprivate var isBalanceOfExperts: Bool {
        switch self {
        case .switchAuxiliary, .firstChoice, .sequence: true
        case .routerZ, .importance, .device, .communication: false
        }
    }
}
