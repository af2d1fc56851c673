import Basics
import MoE

extension RouterFacts {
    /// The options of the router that ``rule`` names, with their values as text; nil where nothing is published.
    ///
    /// - Parameters:
    ///   - topK: experts per token.
    ///   - isTraining: whether the capacity is that of training.
    func options(topK: Int?, isTraining: Bool) -> [(RouterOption, String?)] {
        [
            (.topK, choices(topK).map { String($0) }),
            (.normalize, normalize.map { String($0) }),
            (.scale, scale.map(DecimalText.text)),
            (.hierarchyGroups, hierarchyGroups.map { String($0) }),
            (.jitter, jitter.map(DecimalText.text)),
            (.biasRate, biasStep.map(DecimalText.text)),
        ] + groupOptions + losses + capacity(isTraining: isTraining)
    }

    /// A two-level router chooses k on each level, which makes k^2 experts.
    private func choices(_ topK: Int?) -> Int? {
        guard rule == "hierarchical" else { return topK }
        return topK.map { Int(Double($0).squareRoot()) }
    }

    private var groupOptions: [(RouterOption, String?)] {
        guard let groups, groups > 1 else { return [] }
        return [(.groups, String(groups)), (.groupsKept, topGroups.map { String($0) })]
    }

    private var losses: [(RouterOption, String?)] {
        [
            (.auxLoss, (auxLossHub ?? auxLoss ?? sequenceLoss ?? expertLoss).map(DecimalText.text)),
            (.zLoss, zLoss.map(DecimalText.text)),
            (.deviceLoss, deviceLoss.map(DecimalText.text)),
            (.communicationLoss, communicationLoss.map(DecimalText.text)),
            (.importanceLoss, importanceLoss.map(DecimalText.text)),
            (.loadLoss, loadLoss.map(DecimalText.text)),
            (.devices, devices.map { String($0) }),
            (.deviceFactor, deviceCapacity.map(DecimalText.text)),
        ]
    }

    private func capacity(isTraining: Bool) -> [(RouterOption, String?)] {
        let factor = isTraining ? capacityTrain : capacityEval ?? capacityTrain
        return [
            (.drop, drop?.rawValue),
            (.capacityFactor, factor.map(DecimalText.text)),
            (.minCapacity, minCapacity.map { String($0) }),
            (.capacityScope, groupSize.map { _ in CapacityScope.groups.rawValue }),
            (.capacityGroup, groupSize.map { String($0) }),
        ]
    }
}
