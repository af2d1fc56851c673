import Basics
import MoE
import Workloads

/// When the options of a router apply.
extension RunSchema {
    /// The router that runs reads the option.
    static func reads(_ option: RouterOption) -> When {
        let readers = RouterCatalog.entries.filter { $0.reads.contains(option) }.map(\.name)
        let words = readers.count > 5 ? "router.kind reads it" : "router.kind is \(WordList.alternatives(readers))"
        return When(kindKeys, words) { root in
            entry(root)?.reads.contains(option) == true ? nil : kindKey(root)
        }
    }

    /// Copies are dropped, or the router has a capacity without dropping.
    static let drops = When(kindKeys + ["router.drop"], "copies are dropped (router.drop)") { root in
        guard entry(root)?.reads.contains(.drop) == true else { return nil }
        if let drop = root.router.drop { return drop == .none ? "router.drop" : nil }
        return entry(root)?.rule?.capacity == nil ? kindKey(root) : nil
    }

    static let trains = When("router.training", "router.training is true") { $0.router.training ?? true }

    /// SparseMixer's distance counts in evaluation, too.
    static let jitters = When(kindKeys + ["router.training"], "router.training is true") { root in
        entry(root)?.rule != nil && root.router.training == false ? "router.training" : nil
    }

    static let divides = When(kindKeys + ["router.normalize"], "weights are divided (router.normalize)") { root in
        if let normalize = root.router.normalize { return normalize ? nil : "router.normalize" }
        return entry(root)?.rule?.normalization == nil ? kindKey(root) : nil
    }

    static let hasThreshold = When(kindKeys + ["router.further"], "router.further has a threshold") { root in
        if let policy = root.router.further { return policy.hasThreshold ? nil : "router.further" }
        return entry(root)?.rule?.further.threshold == nil ? kindKey(root) : nil
    }

    static let hasDevices = When(
        kindKeys + ["router.device_factor", "router.device_loss", "router.communication_loss"],
        "there is a device_factor, device_loss or communication_loss"
    ) { root in
        let router = root.router
        let isAsked = router.deviceFactor != nil || router.deviceLoss != nil || router.communicationLoss != nil
        return isAsked || entry(root)?.rule?.hasDevices == true ? nil : kindKey(root)
    }

    static let hasBias = When(kindKeys + ["router.bias_rate"], "there is a selection bias (router.bias_rate)") { root in
        root.router.biasRate != nil || entry(root)?.rule?.bias != nil ? nil : kindKey(root)
    }

    static let biasLearns = When(kindKeys + ["router.bias_rate"], "router.bias_rate is above 0") { root in
        if let rate = root.router.biasRate { return rate > 0 ? nil : "router.bias_rate" }
        return entry(root)?.rule?.bias?.rate ?? 0 > 0 ? nil : kindKey(root)
    }

    private static let kindKeys = ["router.kind", "workload.kind"]

    private static func entry(_ root: RunConfiguration) -> RouterCatalog.Entry? {
        RouterCatalog.entry(named: root.routerName)
    }

    /// The setting that decides which router runs.
    private static func kindKey(_ root: RunConfiguration) -> String {
        root.workload.kind.holdsChoices ? "workload.kind" : "router.kind"
    }
}
