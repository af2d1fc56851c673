import MoE

/// The modelled clock of a machine that coordinator and workers share.
///
/// The equations stand in the article *The model of a host*.
public struct HostModel: Sendable {
    /// The machine.
    public let profile: HostProfile
    /// What runs on it.
    public let stack: HostStack

    /// A model of one configuration on one machine.
    public init(profile: HostProfile, stack: HostStack) {
        self.profile = profile
        self.stack = stack
    }

    /// What ranks keep before the first step.
    public var memory: HostMemory { HostMemory(ranks: stack.workers, kinds: 1 + stack.common.count) }

    /// The times of one layer. Its phases are those of `Phase`; for every rank they sum to the layer.
    ///
    /// - Parameter memory: what the ranks keep from layer to layer.
    public func times(_ layer: HostLayer, _ memory: inout HostMemory) -> HostLayerTimes {
        let costs = HostCosts(profile: profile, stack: stack)
        let weights = bytes(layer)
        let first = costs.missingShare(weights * Double(stack.model.layers))
        let later = costs.missingShare(weights)
        let compute = layer.ranks.indices.map { rank in
            self.compute(rank, layer, costs, missing: (first, later), &memory)
        }
        let own = stack.sharesOnCoordinator ? costs.common(layer.tokens, missing: first) : 0
        var simulation = HostSimulation(costs, layer, compute: compute, ownSeconds: own)
        simulation.run()
        return HostLayerTimes(simulation, gate: costs.gate(layer))
    }

    /// Seconds of each chunk on a rank.
    private func compute(
        _ rank: Int,
        _ layer: HostLayer,
        _ costs: HostCosts,
        missing: (first: Double, later: Double),
        _ memory: inout HostMemory
    ) -> [Double] {
        let shared = layer.ranks[rank].sharedRows / Double(layer.chunks)
        return memory.chunkRows(layer.ranks[rank], chunks: layer.chunks).enumerated().map { chunk, rows in
            var setups = 0
            for count in rows { setups += memory.use(count, rank: rank, kind: 0) }
            for kind in stack.common.indices {
                setups += memory.use(Int(shared.rounded()), rank: rank, kind: 1 + kind)
            }
            return costs.compute(
                routed: rows,
                shared: shared,
                setups: stack.model.expert.returnsInput ? 0 : setups,
                missing: chunk == 0 ? missing.first : missing.later
            )
        }
    }

    /// The weights that a layer uses, on all ranks.
    private func bytes(_ layer: HostLayer) -> Double {
        let shared = stack.common.reduce(0) { $0 + Double($1.parameterCount) }
        let copies = stack.sharesOnCoordinator ? 1 : Double(layer.ranks.count { $0.sharedRows > 0 })
        let routed = layer.ranks.reduce(0) { $0 + $1.expertRows.reduce(0) { $0 + min($1, 1) } }
        return (routed * Double(stack.model.expert.parameterCount) + copies * shared) * stack.weightBytes
    }
}
