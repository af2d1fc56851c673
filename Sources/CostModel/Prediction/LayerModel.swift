public import MoE
public import Records

/// The modelled clock of one layer: seconds of every phase on every rank, from the rows that the routing asks for.
public struct LayerModel: Sendable {
    /// The modelled ranks and their hardware.
    public let cluster: ModelledCluster
    /// The shape of the model.
    public let model: ModelShape
    /// The overlap of communication with computing.
    public let overlap: OverlapMode
    /// The slow rank, or nil.
    public private(set) var straggler: Straggler?
    /// The model of dispatch and combine.
    public private(set) var communication: CommunicationModel
    /// The model of the routed experts.
    public let compute: ComputeModel
    private let common: [ExpertWork]

    /// A model of the layers of `model` on `cluster`.
    ///
    /// - Parameters:
    ///   - kernel: the kernel that moves tokens; low-latency kernels go with masked products, all others with
    ///     contiguous ones.
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

    /// The constants of the profile that the equations of this model read.
    public var constants: Set<HardwareConstant> {
        communication.constants.union(compute.constants).union([.gateLaunch, .gateEfficiency, .bf16Peak, .ranksPerNode])
    }

    /// The same model with links of one kind that take no time.
    func without(_ kind: LinkKind) -> LayerModel {
        var other = self
        other.communication = communication.without(kind)
        return other
    }

    /// The same model without its slow rank.
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

    /// Seconds of the gate on one rank: a product of its tokens with the gate in bf16, and the kernels around it.
    private func gate(tokens: Double) -> Double {
        let (hidden, experts) = (Double(model.hidden), Double(model.candidates))
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

extension LayerModel {
    /// Fill the times of a layer's record by the modelled clock.
    ///
    /// - Parameters:
    ///   - rows: the rows that the routing of the layer asks for.
    ///   - record: loads and losses of the routing; its ranks and times are replaced.
    public func fill(_ record: inout LayerRecord, rows: RoutedRows) {
        let schedule = schedule(rows)
        record.gateSeconds = schedule.times.gate
        record.seconds = schedule.seconds
        record.exposedCommunicationSeconds = schedule.exposed
        record.exposedWithoutOverlapSeconds =
            overlap == .twoBatch ? times(rows).communication : schedule.times.communication
        let copies = WholeNumbers.keepingSum(rows.ranks.map(\.copiesReceived))
        record.ranks = (0..<cluster.ranks).map { rank in
            let bytes = communication.receivedBytes(rows, rank: rank)
            return RankRecord(
                rank: rank,
                copies: copies[rank],
                sharedTokens: model.hasCommonExperts ? Int(rows.tokens[rank].rounded()) : 0,
                dispatchBytes: Int(bytes.dispatch.rounded()),
                combineBytes: Int(bytes.combine.rounded()),
                seconds: schedule.seconds(ofRank: rank),
                dispatchInFlightSeconds: schedule.times.dispatch[rank],
                combineInFlightSeconds: schedule.times.combine[rank]
            )
        }
    }

    /// The schedule of a layer: its phases and the time that they take together.
    func schedule(_ rows: RoutedRows) -> LayerSchedule {
        switch overlap {
        case .none:
            let times = times(rows)
            return LayerSchedule(times: times, seconds: times.work + times.communication)
        case .full:
            let times = times(rows)
            return LayerSchedule(times: times, seconds: max(times.work, times.communication))
        case .twoBatch:
            let half = times(rows.scaled(by: 0.5))
            let both = half.doubled
            // The first half has nothing to hide behind when the step begins, nor the last when it ends.
            let fill = min(half.work, half.communication) / Double(max(model.layers, 1))
            return LayerSchedule(times: both, seconds: max(both.work, both.communication) + fill)
        }
    }
}

/// The phases of a layer and the time that they take together.
struct LayerSchedule {
    /// Seconds of each phase on its own; of two half batches, both together.
    let times: LayerTimes
    /// Seconds from the gate to the last output; time in which phases overlap counts once.
    let seconds: Double

    /// Seconds during which data was on its way while nothing computed.
    var exposed: Double { max(0, seconds - times.work) }

    /// Seconds of each phase of a rank; the time in which the rank neither sends, computes nor receives counts as
    /// waiting.
    func seconds(ofRank rank: Int) -> PhaseSeconds {
        let all = times.communication
        let visible = all > 0 ? min(1, exposed / all) : 0
        var phases = PhaseSeconds(
            dispatch: times.dispatch[rank] * visible,
            compute: times.compute[rank],
            combine: times.combine[rank] * visible
        )
        phases.wait = max(0, seconds - times.gate - phases.total)
        return phases
    }
}

/// Seconds of each phase of one layer, without overlap.
public struct LayerTimes: Equatable, Sendable {
    /// Seconds of norm, router product and top-k on the slowest rank.
    public var gate: Double
    /// Seconds of dispatch, `[ranks]`.
    public var dispatch: [Double]
    /// Seconds of the routed and common experts, `[ranks]`.
    public var compute: [Double]
    /// The part of `compute` that common experts take, `[ranks]`.
    public var shared: [Double]
    /// Seconds of combine, `[ranks]`.
    public var combine: [Double]

    /// Seconds of dispatch and of combine, each on its slowest rank.
    public var communication: Double { (dispatch.max() ?? 0) + (combine.max() ?? 0) }

    /// Seconds of the gate and of the experts, each on its slowest rank.
    public var work: Double { gate + (compute.max() ?? 0) }

    /// The times of both halves of a step, when each half takes the times in `self`.
    var doubled: LayerTimes {
        func twice(_ values: [Double]) -> [Double] { values.map { 2 * $0 } }
        return LayerTimes(
            gate: 2 * gate,
            dispatch: twice(dispatch),
            compute: twice(compute),
            shared: twice(shared),
            combine: twice(combine)
        )
    }
}

/// The schedule by which communication overlaps with computing.
public enum OverlapMode: String, Codable, CaseIterable, Sendable {
    /// No overlap beyond the chunks of one layer.
    case none
    /// Two halves of the step, each in a layer of its own: one communicates while the other computes (DeepSeek-V3,
    /// arXiv 2412.19437, section 3.2.1).
    case twoBatch = "two-batch"
    /// Full overlap: the bound that no schedule beats, for predictions only.
    case full
}

/// A rank that computes more slowly than the others.
public struct Straggler: Equatable, Sendable {
    /// The number of the rank.
    public var rank: Int
    /// The factor on the time of the rank's gate and experts; 1 changes nothing.
    public var factor: Double

    /// A slow rank.
    public init(rank: Int, factor: Double) {
        self.rank = rank
        self.factor = factor
    }
}
