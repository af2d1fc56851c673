public import MoE

/// The modelled clock of one layer: seconds of every phase on every rank, from the rows that the routing asks for.
public struct LayerModel: Sendable {
    /// The ranks.
    public let cluster: ModelledCluster
    /// The stack of layers.
    public let model: ModelShape
    /// What overlaps.
    public let overlap: OverlapMode
    /// A slow rank, or nil.
    public private(set) var straggler: Straggler?
    /// Dispatch and combine.
    public private(set) var communication: CommunicationModel
    /// The routed experts.
    public let compute: ComputeModel
    private let common: [ExpertWork]

    /// A model of the layers of `model` on `cluster`.
    ///
    /// - Parameters:
    ///   - kernel: how tokens travel; low-latency kernels go with masked products, all others with contiguous ones.
    ///   - productsIn8Bits: fp8 products and weights instead of bf16.
    ///   - dispatchIn8Bits: tokens travel to the experts in fp8 instead of bf16.
    /// - Throws: ``HardwareError`` when the hardware has no products in fp8 and they are asked for.
    public init(
        cluster: ModelledCluster,
        model: ModelShape,
        kernel: CommunicationKernel,
        productsIn8Bits: Bool,
        dispatchIn8Bits: Bool,
        overlap: OverlapMode = .none,
        straggler: Straggler? = nil
    ) throws(HardwareError) {
        self.cluster = cluster
        self.model = model
        self.overlap = overlap
        self.straggler = straggler
        communication = CommunicationModel(
            cluster: cluster,
            kernel: kernel,
            bytes: RowBytes(hidden: model.hidden, dispatchIn8Bits: dispatchIn8Bits, kernel: kernel)
        )
        compute = try ComputeModel(
            profile: cluster.profile,
            kernel: kernel == .lowLatency ? .masked : .contiguous,
            work: ExpertWork(shape: model.expert, isIn8Bits: productsIn8Bits)
        )
        common = model.commonExperts.map { ExpertWork(shape: $0.shape, isIn8Bits: productsIn8Bits) }
    }

    /// The constants of the profile that its equations read.
    public var constants: Set<HardwareConstant> {
        communication.constants.union(compute.constants).union([.gateLaunch, .gateEfficiency, .bf16Peak, .ranksPerNode])
    }

    /// The same cluster with links of one kind that take no time.
    func without(_ kind: LinkKind) -> LayerModel {
        var other = self
        other.communication = communication.without(kind)
        return other
    }

    /// The same cluster without its slow rank.
    var withoutStraggler: LayerModel {
        var other = self
        other.straggler = nil
        return other
    }

    /// Seconds of each phase, as if nothing overlapped.
    public func times(_ rows: RoutedRows) -> LayerTimes {
        let ranks = 0..<cluster.ranks
        let shared = ranks.map { rank in
            slowdown(rank) * common.reduce(0) { $0 + compute.seconds(of: $1, tokens: rows.tokens[rank]) }
        }
        let routed = ranks.map { rank in
            slowdown(rank)
                * compute.seconds(
                    rows: rows.slotRows[rank],
                    tokens: rows.ranks[rank].rows.received
                )
        }
        return LayerTimes(
            gate: ranks.map { slowdown($0) * gate(tokens: rows.tokens[$0]) }.max() ?? 0,
            dispatch: communication.dispatchSeconds(rows),
            compute: zip(routed, shared).map { $0 + $1 },
            shared: shared,
            combine: communication.combineSeconds(rows)
        )
    }

    /// A product of the tokens of the rank with the gate in bf16, and the kernels around it.
    private func gate(tokens: Double) -> Double {
        let (hidden, experts) = (Double(model.hidden), Double(model.experts))
        let profile = cluster.profile
        let bytes = 2 * hidden * (tokens + experts) + 4 * tokens * experts
        let flops = 2 * tokens * hidden * experts
        let efficiency = profile[.gateEfficiency]
        return profile[.gateLaunch] * 1e-6 + bytes / (efficiency * profile[.memoryBandwidth] * 1e9)
            + flops / (efficiency * profile[.bf16Peak] * 1e12)
    }

    private func slowdown(_ rank: Int) -> Double {
        straggler?.rank == rank ? straggler?.factor ?? 1 : 1
    }
}
