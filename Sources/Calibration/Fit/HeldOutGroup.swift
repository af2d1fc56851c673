import Basics
import CostModel

/// A group of similar rows that are left out of a fit together, to test the model on a kind of row that the fit never
/// saw. Rows left out one by one are easier to predict: most have a near twin among the others.
struct HeldOutGroup {
    let name: String
    let family: FitFamily
    let contains: @Sendable (Observation) -> Bool

    /// Return the groups that contain some, but not all, of the observations.
    static func of(_ observations: [Observation], family: FitFamily) -> [HeldOutGroup] {
        let groups = family == .communication ? kernels : experts(of: observations, family)
        return groups.filter { group in
            observations.contains { group.contains($0) } && observations.contains { !group.contains($0) }
        }
    }

    private static let kernels: [HeldOutGroup] =
        [1, 2, 4].map { nodes in
            kernel("low latency, \(Counted.text(nodes, "node"))", .lowLatency) { $0.nodes == nodes }
        }
        + [
            kernel("low latency, 288 experts", .lowLatency) { $0.experts == 288 },
            kernel("low latency, from 128 tokens", .lowLatency) { $0.tokensPerGPU >= 128 },
            kernel("low latency, below 16 tokens", .lowLatency) { $0.tokensPerGPU < 16 },
            kernel("normal, 20 SMs on 2 nodes", .normal) { $0.sms == 20 && $0.nodes == 2 },
            kernel("normal, 24 SMs", .normal) { $0.sms == 24 },
            kernel("normal, from 8192 tokens", .normal) { $0.tokensPerGPU >= 8192 },
            kernel("normal, 128 to 1024 tokens", .normal) { (128...1024).contains($0.tokensPerGPU) },
        ]

    private static func kernel(
        _ name: String,
        _ kernel: CommunicationKernel,
        _ contains: @escaping @Sendable (KernelSetting) -> Bool
    ) -> HeldOutGroup {
        HeldOutGroup(name: name, family: .communication) { observation in
            guard case .kernel(let setting) = observation.setting else { return false }
            return setting.kernel == kernel && contains(setting)
        }
    }

    private static func experts(of observations: [Observation], _ family: FitFamily) -> [HeldOutGroup] {
        let phase = family == .contiguous ? "prefill" : "decode"
        let (few, many) = family == .contiguous ? (256, 1024) : (8, 16)
        let ranks = Set(observations.compactMap { $0.expertSetting?.gpus }).sorted()
        func group(_ name: String, _ contains: @escaping @Sendable (ExpertSetting) -> Bool) -> HeldOutGroup {
            HeldOutGroup(name: "\(phase), \(name)", family: family) { $0.expertSetting.map(contains) ?? false }
        }
        return ranks.map { gpus in group("\(gpus) ranks") { $0.gpus == gpus } } + [
            group("all power law") { $0.routing != .uniform }, group("all uniform") { $0.routing == .uniform },
            group("above \(many) tokens per rank") { $0.tokens / $0.gpus > many },
            group("below \(few) tokens per rank") { $0.tokens / $0.gpus < few },
        ]
    }
}

extension Observation {
    var expertSetting: ExpertSetting? {
        if case .experts(let setting) = setting { setting } else { nil }
    }

    var kernelSetting: KernelSetting? {
        if case .kernel(let setting) = setting { setting } else { nil }
    }
}
