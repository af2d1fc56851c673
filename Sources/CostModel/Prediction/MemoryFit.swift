import MoE

/// The memory that a rank needs, beside the memory that it has.
///
/// Weights of the MoE layers, buffers of the kernels and activations of one layer are counted; everything else of a
/// model (attention, caches, embeddings) is what `reserved` says.
public struct MemoryFit: Equatable, Sendable {
    /// Bytes of the routed experts of all layers on the rank that holds most.
    public var routedWeights: Double
    /// Bytes of the gates and common experts of all layers.
    public var commonWeights: Double
    /// Bytes of the communication kernels' buffers.
    public var buffers: Double
    /// Bytes of the rows of one layer on the rank that receives most.
    public var activations: Double
    /// Bytes set aside for what is not modelled.
    public var reserved: Double
    /// Bytes of the rank's memory.
    public var capacity: Double

    /// The memory of a rank that holds nothing yet.
    public init(capacity: Double) {
        self.init(
            routedWeights: 0,
            commonWeights: 0,
            buffers: 0,
            activations: 0,
            reserved: 0,
            capacity: capacity
        )
    }

    init(
        routedWeights: Double,
        commonWeights: Double,
        buffers: Double,
        activations: Double,
        reserved: Double,
        capacity: Double
    ) {
        self.routedWeights = routedWeights
        self.commonWeights = commonWeights
        self.buffers = buffers
        self.activations = activations
        self.reserved = reserved
        self.capacity = capacity
    }

    /// All bytes that are needed.
    public var needed: Double { routedWeights + commonWeights + buffers + activations + reserved }

    /// True when the needed bytes fit into the memory.
    public var fits: Bool { needed <= capacity }
}

extension LayerModel {
    /// The memory that the rank with the greatest need takes in a layer of these rows.
    ///
    /// Buffers of low-latency kernels hold a row of every token of every rank for each slot of the rank, twice, as
    /// `get_low_latency_rdma_size_hint` of DeepEP has it; those of the others, the rows that are received.
    ///
    /// - Parameters:
    ///   - slotsOfRank: slots of each rank over all layers, `[ranks]`.
    ///   - reservedBytes: memory for what is not modelled.
    public func memory(_ rows: RoutedRows, slotsOfRank: [Int], reservedBytes: Double) -> MemoryFit {
        let layers = Double(model.layers)
        let gate = 2 * Double(model.hidden) * Double(model.candidates)
        let beside = model.commonExperts.reduce(0) { sum, expert in
            sum + ExpertWork(shape: expert.shape, isIn8Bits: compute.work.isIn8Bits).weightBytes
        }
        let most = rows.ranks.map(\.copiesReceived).max() ?? 0
        let row = communication.bytes.dispatch + compute.work.productRowBytes + compute.work.permutationRowBytes
        return MemoryFit(
            routedWeights: Double(slotsOfRank.max() ?? 0) * compute.work.weightBytes,
            commonWeights: layers * (gate + beside),
            buffers: buffers(rows),
            activations: most * row,
            reserved: reservedBytes,
            capacity: cluster.profile[.memoryCapacity] * 1e9
        )
    }

    private func buffers(_ rows: RoutedRows) -> Double {
        let bytes = communication.bytes
        let ofRow = bytes.dispatch + bytes.combine
        switch communication.kernel {
        case .lowLatency:
            let slots = Double(rows.slotRows.map(\.count).max() ?? 0)
            let tokens = rows.tokens.max() ?? 0
            return 2 * slots * Double(cluster.ranks) * tokens * ofRow
        case .normal, .direct, .ring:
            return (rows.ranks.map(\.rows.received).max() ?? 0) * ofRow
        }
    }
}
