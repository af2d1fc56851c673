import MoE

extension RouterFacts {
    /// The options of the router that ``rule`` names; nil where nothing is published.
    ///
    /// - Parameters:
    ///   - topK: experts per token.
    ///   - isTraining: whether the capacity is that of training.
    func options(topK: Int?, isTraining: Bool) -> RouterOptions {
        var options = RouterOptions()
        // A two-level router chooses k on each level, which makes k^2 experts.
        options.topK = rule == "hierarchical" ? topK.map { Int(Double($0).squareRoot()) } : topK
        (options.normalize, options.scale, options.hierarchyGroups) = (normalize, scale, hierarchyGroups)
        (options.jitter, options.biasRate) = (jitter, biasStep)
        if let groups, groups > 1 { (options.groups, options.groupsKept) = (groups, topGroups) }
        options.auxLoss = auxLossHub ?? auxLoss ?? sequenceLoss ?? expertLoss
        (options.zLoss, options.deviceLoss, options.communicationLoss) = (zLoss, deviceLoss, communicationLoss)
        (options.importanceLoss, options.loadLoss) = (importanceLoss, loadLoss)
        (options.devices, options.deviceFactor) = (devices, deviceCapacity)
        (options.drop, options.minCapacity) = (drop, minCapacity)
        options.capacityFactor = isTraining ? capacityTrain : capacityEval ?? capacityTrain
        (options.capacityScope, options.capacityGroup) = (groupSize.map { _ in .groups }, groupSize)
        return options
    }
}
