import MoE
internal import Tensors

/// The modelled clock of a machine that coordinator and workers share.
///
/// The equations stand in the article *The model of a host*.
public struct HostModel: Sendable {
    /// The profile of the machine.
    public let profile: HostProfile
    /// The configuration that runs on the machine.
    public let stack: HostStack

    /// A model of one configuration on one machine.
    public init(profile: HostProfile, stack: HostStack) {
        self.profile = profile
        self.stack = stack
    }

    /// The state of the ranks before the first step.
    public var memory: HostMemory { HostMemory(ranks: stack.workers, kinds: 1 + stack.common.count) }

    /// The times of one layer. The phases are those of `Phase`; for every rank they sum to the seconds of the layer.
    ///
    /// - Parameter memory: the state that the ranks keep from layer to layer.
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

    /// Bytes of the weights that a layer uses, on all ranks.
    private func bytes(_ layer: HostLayer) -> Double {
        let shared = stack.common.reduce(0) { $0 + Double($1.parameterCount) }
        let copies = stack.sharesOnCoordinator ? 1 : Double(layer.ranks.count { $0.sharedRows > 0 })
        let routed = layer.ranks.reduce(0) { $0 + $1.expertRows.reduce(0) { $0 + min($1, 1) } }
        return (routed * Double(stack.model.expert.parameterCount) + copies * shared) * stack.weightBytes
    }
}

/// The row counts for which each rank has set up its products, kept from layer to layer.
public struct HostMemory: Sendable {
    /// The row counts of each rank: of its routed experts, then of each common expert, `[ranks][kinds]`.
    private var ranks: [[RowCounts]]
    private var random = SplitMix64(seed: 1)

    /// The memory of ranks before the first step.
    ///
    /// - Parameter kinds: kinds of experts: routed ones, and each of the common ones.
    public init(ranks: Int, kinds: Int) {
        self.ranks = [[RowCounts]](repeating: [RowCounts](repeating: RowCounts(), count: kinds), count: ranks)
    }

    /// Rows of each expert of a rank in each chunk of a layer, `[chunk][expert]`.
    ///
    /// A layer's rows are known, those of its chunks fall as they may: around the mean with the variance of a binomial
    /// distribution, by a generator that always gives the same numbers.
    mutating func chunkRows(_ rank: HostLayer.Rank, chunks: Int) -> [[Int]] {
        let part = 1 / Double(chunks)
        return (0..<chunks).map { _ in
            rank.expertRows.map { rows in
                let deviation = (rows * part * (1 - part)).squareRoot()
                return max(0, Int((rows * part + deviation * normal()).rounded()))
            }
        }
    }

    /// Note products of `rows` rows for one kind of expert on a rank; return how many had to be set up first.
    mutating func use(_ rows: Int, rank: Int, kind: Int) -> Int { ranks[rank][kind].use(rows) }

    /// A nearly normal random number: the sum of twelve uniform numbers less 6.
    private mutating func normal() -> Double {
        (0..<12).reduce(-6) { sum, _ in sum + random.uniform() }
    }
}

/// The row counts for which a rank has set up products of one shape, the most recently used ones last.
struct RowCounts {
    /// The most row counts that a rank keeps; beyond them the least recently used one is dropped.
    static let most = 96
    /// The row counts that are set up before the first step.
    static let prepared = 1...32

    private var counts = Array(prepared)

    /// Note the blocks that `rows` rows are cut into; return how many blocks had to be set up.
    mutating func use(_ rows: Int) -> Int {
        guard rows > 0 else { return 0 }
        let size = RowBlock.size(for: rows)
        let last = rows % size == 0 ? size : rows % size
        return (rows > size ? take(size) : 0) + take(last)
    }

    private mutating func take(_ rows: Int) -> Int {
        if let place = counts.lastIndex(of: rows) {
            counts.remove(at: place)
            counts.append(rows)
            return 0
        }
        counts.append(rows)
        if counts.count > Self.most { counts.removeFirst() }
        return 1
    }
}
