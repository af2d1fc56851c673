import Cluster
internal import CostModel

/// The message for a configuration that does not fit the memory of a rank: its needs, and a remedy.
struct MemoryAdvice {
    let fit: MemoryFit
    let plan: RunPlan
    /// Slots of each rank over all layers, `[ranks]`.
    let slotsOfRank: [Int]

    var text: String {
        let parts = [
            ("routed experts", fit.routedWeights), ("gates, shared and dense experts", fit.commonWeights),
            ("buffers", fit.buffers), ("activations", fit.activations), ("set aside", fit.reserved),
        ]
        let words = parts.filter { $0.1 > 0 }.map { "\($0.0) \(Self.gigabytes($0.1))" }.joined(separator: ", ")
        return "a rank needs \(Self.gigabytes(fit.needed)) (\(words)), \(plan.hardware.profile) has "
            + "\(Self.gigabytes(fit.capacity)): \(advice)"
    }

    private var advice: String {
        let ranks = plan.cluster.workers
        let beside = fit.needed - fit.routedWeights
        let experts = plan.model.experts
        if beside < fit.capacity, ranks < experts {
            let layers = Double(plan.model.layers)
            let held = Double(slotsOfRank.max() ?? 0) / layers
            let most = ((fit.capacity - beside) / (fit.routedWeights / held)).rounded(.down)
            if most >= 1 {
                let enough = (Double(slotsOfRank.reduce(0, +)) / layers / most).rounded(.up)
                return "\(Int(enough)) ranks would do, if nothing else changes"
            }
        }
        if fit.buffers + fit.activations > fit.capacity / 4 { return "fewer tokens a rank would need less" }
        return "other hardware, fewer layers or experts in fp8 would need less"
    }

    private static func gigabytes(_ bytes: Double) -> String {
        "\((bytes / 1e8).rounded() / 10) GB"
    }
}
