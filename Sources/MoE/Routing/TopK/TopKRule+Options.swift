extension TopKRule {
    /// This rule with what a run sets: what each option says alone, then what several say together.
    public func applying(_ options: RouterOptions) -> TopKRule {
        var rule = self
        for row in RouterOptions.rows { row.change(&rule, options) }
        for row in RouterOptions.rows { row.settle(&rule, options) }
        if options.training == false { rule.stopTraining() }
        return rule
    }

    /// Devices of the rule's losses and drop, else its groups of experts, or nil where it has none of these.
    public var devices: Int? {
        losses.lazy.compactMap(\.rule.devices).first ?? deviceDrop?.devices ?? groups?.groups
    }

    /// True where a loss or a drop counts by device.
    public var hasDevices: Bool { deviceDrop != nil || losses.contains { $0.rule.devices != nil } }

    static func settleCapacity(_ rule: inout TopKRule, _ options: RouterOptions) {
        rule.capacity = options.capacity(for: rule.capacity)
    }

    /// The threshold is 0.2 where neither options nor family have one (Mesh TensorFlow).
    static func settleFurther(_ rule: inout TopKRule, _ options: RouterOptions) {
        let threshold = options.furtherThreshold ?? rule.further.threshold ?? 0.2
        rule.further = FurtherChoices(options.further ?? rule.further.policy, threshold: threshold)
    }

    /// One group limits nothing, whatever the family keeps of its own.
    static func settleGroups(_ rule: inout TopKRule, _ options: RouterOptions) {
        var limit = rule.groups ?? GroupLimit(groups: 1, kept: 1, score: .sumOfLargest(2))
        limit.groups = options.groups ?? limit.groups
        limit.kept = options.groupsKept ?? limit.kept
        rule.groups = limit.groups == 1 && options.groupsKept ?? 1 == 1 ? nil : limit
        settleDevices(&rule, options)
    }

    /// Devices are groups of experts where nothing else is said.
    static func settleDevices(_ rule: inout TopKRule, _ options: RouterOptions) {
        let devices = options.devices ?? options.groups ?? rule.devices ?? 1
        if let factor = options.deviceFactor { rule.deviceDrop = DeviceDrop(devices: devices, factor: factor) }
        rule.deviceDrop?.devices = devices
        let communication = LossRule.communication(devices: devices, limit: rule.groups?.kept ?? devices)
        rule.setLoss(.device(devices), options.deviceLoss) { if case .device = $0 { true } else { false } }
        rule.setLoss(communication, options.communicationLoss) { if case .communication = $0 { true } else { false } }
        for index in rule.losses.indices {
            switch rule.losses[index].rule {
            case .device: rule.losses[index].rule = .device(devices)
            case .communication: rule.losses[index].rule = communication
            default: break
            }
        }
    }

    mutating func changeBias<Value>(_ path: WritableKeyPath<SelectionBias, Value>, _ value: Value) {
        var bias = bias ?? SelectionBias()
        bias[keyPath: path] = value
        self.bias = bias
    }

    /// Gives the first loss of a kind another coefficient, or adds one where there is none.
    mutating func setLoss(_ rule: LossRule, _ coefficient: Double?, _ isOfKind: (LossRule) -> Bool) {
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
    var isBalanceOfExperts: Bool {
        switch self {
        case .switchAuxiliary, .firstChoice, .sequence: true
        case .routerZ, .importance, .device, .communication: false
        }
    }
}
