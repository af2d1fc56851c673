extension TopKRule {
    /// This rule with what a run sets.
    public func applying(_ options: RouterOptions) -> TopKRule {
        var rule = self
        rule.topK = options.topK ?? topK
        rule.scale = options.scale.map { Double($0) } ?? scale
        rule.further = options.further ?? further
        rule.blockRows = options.blockRows ?? blockRows
        if let normalize = options.normalize {
            rule.normalization = normalize ? normalization ?? WeightNormalization() : nil
        }
        rule.capacity = options.capacity(for: capacity)
        rule.applyGroups(options)
        rule.applyNoise(options)
        rule.applyBias(options)
        rule.applyLosses(options)
        if options.isTraining == false { rule.stopTraining() }
        return rule
    }

    private mutating func applyGroups(_ options: RouterOptions) {
        if options.groups != nil || options.groupsKept != nil {
            var limit = groups ?? GroupLimit(groups: 1, kept: 1, score: .sumOfLargest(2))
            limit.groups = options.groups ?? limit.groups
            limit.kept = options.groupsKept ?? limit.kept
            groups = limit.groups == 1 ? nil : limit
        }
        if let factor = options.deviceFactor {
            deviceDrop = DeviceDrop(devices: groups?.groups ?? 1, factor: factor)
        }
        guard let devices = options.devices ?? options.groups else { return }
        deviceDrop?.devices = devices
        let limit = groups?.kept ?? devices
        for index in losses.indices {
            switch losses[index].rule {
            case .device: losses[index].rule = .device(devices)
            case .communication: losses[index].rule = .communication(devices: devices, limit: limit)
            default: break
            }
        }
    }

    private mutating func applyNoise(_ options: RouterOptions) {
        inputJitter = options.inputJitter ?? inputJitter
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
        if let coefficient = options.auxiliaryLoss {
            if let index = losses.firstIndex(where: { $0.rule != .routerZ }) {
                losses[index].coefficient = coefficient
            } else {
                losses.append(LossTerm(.switchAuxiliary(.one), coefficient))
            }
        }
        if let coefficient = options.zLoss {
            losses.removeAll { $0.rule == .routerZ }
            losses.append(LossTerm(.routerZ, coefficient))
        }
    }

    private mutating func stopTraining() {
        noise = nil
        inputJitter = nil
        deviceDrop = nil
        bias?.rate = 0
    }
}

extension RouterOptions {
    /// The capacity rule of a family with what the run sets.
    func capacity(for family: CapacityRule?) -> CapacityRule? {
        if dropsNothing { return nil }
        var rule = capacity ?? family
        if let factor = capacityFactor {
            rule = rule ?? CapacityRule(factor: factor)
            switch rule?.size {
            case .tokens: rule?.size = .tokens(factor)
            case .tokenFraction: rule?.size = .tokenFraction(factor)
            default: rule?.size = .copies(factor)
            }
        }
        if let minimumCapacity { rule?.minimum = minimumCapacity }
        if let order { rule?.order = order }
        if let overflow { rule?.overflow = overflow }
        return rule
    }
}
