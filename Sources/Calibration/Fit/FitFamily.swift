import CostModel

/// Observations that share constants, and so are fitted together.
enum FitFamily: CaseIterable {
    /// Both kinds of kernels: they share the network interfaces.
    case communication
    /// Prefill.
    case contiguous
    /// Decode.
    case masked

    init(_ setting: TimingRow.Setting) {
        switch setting {
        case .kernel: self = .communication
        case .experts(let experts): self = experts.kernel == .contiguous ? .contiguous : .masked
        }
    }

    /// The constants that tables of the family can determine. Of these, a fit moves those that the profile calls fitted
    /// and that some row reads; peaks, tiles and numbers of multiprocessors are given.
    var candidates: [HardwareConstant] {
        switch self {
        case .communication:
            [
                .linkBandwidth, .nicBandwidth,
                .lowLatencyDispatchLaunch, .lowLatencyCombineLaunch, .lowLatencyDispatchFloor, .lowLatencyCombineFloor,
                .lowLatencyDispatchCopy, .lowLatencyCombineCopy, .lowLatencyDispatchFlag, .lowLatencyCombineFlag,
                .nodeDispatchLaunch, .nodeCombineLaunch, .nodeDispatchCopy, .nodeCombineCopy,
                .nodeDispatchFill, .nodeCombineFill, .nodesDispatchLaunch, .nodesCombineLaunch,
                .nodesDispatchCopy, .nodesCombineCopy, .nodesDispatchFill, .nodesCombineFill,
            ]
        case .contiguous:
            [
                .contiguousLaunch, .contiguousProductEfficiency, .contiguousMemoryEfficiency,
                .contiguousGatherEfficiency,
            ]
        case .masked: [.maskedLaunch, .maskedSlot, .maskedProductEfficiency, .maskedMemoryEfficiency]
        }
    }

    /// The constants that a fit to some observations moves, in the order of ``candidates``.
    func constants(of observations: [Observation], on profile: HardwareProfile) -> [HardwareConstant] {
        let read = observations.reduce(into: Set<HardwareConstant>()) { $0.formUnion($1.constants) }
        return candidates.filter {
            read.contains($0) && profile.constants[$0]?.basis == .fitted && profile[$0] > 0
        }
    }
}
