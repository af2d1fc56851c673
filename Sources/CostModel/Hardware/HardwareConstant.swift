/// The numbers that describe a cluster of accelerators, by the names that profiles use.
///
/// Bandwidths are achieved ones, one way, of one rank. Which equation reads a constant stands in ``CommunicationModel``
/// and ``ComputeModel``.
public enum HardwareConstant: String, Codable, CaseIterable, ProfileConstant, Sendable {
    case ranksPerNode = "ranks_per_node"
    case nicsPerNode = "nics_per_node"

    case fp8Peak = "fp8_peak"
    case bf16Peak = "bf16_peak"
    case memoryBandwidth = "memory_bandwidth"
    case memoryCapacity = "memory_capacity"

    case linkBandwidth = "link_bandwidth"
    case nicBandwidth = "nic_bandwidth"

    case contiguousLaunch = "contiguous_launch"
    case contiguousProductEfficiency = "contiguous_product_efficiency"
    case contiguousMemoryEfficiency = "contiguous_memory_efficiency"
    case contiguousGatherEfficiency = "contiguous_gather_efficiency"
    case contiguousTileRows = "contiguous_tile_rows"
    case maskedLaunch = "masked_launch"
    case maskedSlot = "masked_slot"
    case maskedProductEfficiency = "masked_product_efficiency"
    case maskedMemoryEfficiency = "masked_memory_efficiency"
    case maskedTileRows = "masked_tile_rows"
    case gateLaunch = "gate_launch"
    case gateEfficiency = "gate_efficiency"

    case lowLatencyDispatchLaunch = "low_latency_dispatch_launch"
    case lowLatencyCombineLaunch = "low_latency_combine_launch"
    case lowLatencyDispatchFloor = "low_latency_dispatch_floor"
    case lowLatencyCombineFloor = "low_latency_combine_floor"
    case lowLatencyDispatchCopy = "low_latency_dispatch_copy"
    case lowLatencyCombineCopy = "low_latency_combine_copy"
    case lowLatencyDispatchFlag = "low_latency_dispatch_flag"
    case lowLatencyCombineFlag = "low_latency_combine_flag"

    case normalSMs = "normal_sms"
    case nodeDispatchLaunch = "node_dispatch_launch"
    case nodeCombineLaunch = "node_combine_launch"
    case nodeDispatchCopy = "node_dispatch_copy"
    case nodeCombineCopy = "node_combine_copy"
    case nodeDispatchFill = "node_dispatch_fill"
    case nodeCombineFill = "node_combine_fill"
    case nodesDispatchLaunch = "nodes_dispatch_launch"
    case nodesCombineLaunch = "nodes_combine_launch"
    case nodesDispatchCopy = "nodes_dispatch_copy"
    case nodesCombineCopy = "nodes_combine_copy"
    case nodesDispatchFill = "nodes_dispatch_fill"
    case nodesCombineFill = "nodes_combine_fill"

    case collectiveLaunch = "collective_launch"
    case collectivePeer = "collective_peer"
    case collectiveLinkHop = "collective_link_hop"
    case collectiveNicHop = "collective_nic_hop"
}

extension HardwareConstant {
    /// The name of the profile that gives the values of constants that a profile's file lacks.
    public static let baseProfile = "H200-SXM"

    /// The constants that were added to the format later: a file that lacks one gets the value of ``baseProfile``,
    /// marked as assumed.
    public static let later: Set<HardwareConstant> = [.gateEfficiency]

    /// The fixed costs of kernels, slots and peers, which are 0 on hardware where only data takes time.
    static let launches: [HardwareConstant] = [
        .contiguousLaunch, .maskedLaunch, .maskedSlot, .gateLaunch, .lowLatencyDispatchLaunch, .lowLatencyCombineLaunch,
        .lowLatencyDispatchFlag, .lowLatencyCombineFlag, .nodeDispatchLaunch, .nodeCombineLaunch, .nodesDispatchLaunch,
        .nodesCombineLaunch, .collectiveLaunch, .collectivePeer,
    ]

    /// The unit of the constant's value.
    public var unit: String { description.unit }

    /// The meaning of the constant, in one sentence.
    public var meaning: String { description.meaning }

    /// The values that the constant may have: latencies may be 0, hardware may lack a number type, efficiencies are at
    /// most 1, and counts are integers.
    public var range: ConstantRange {
        switch unit {
        case "us": .fromZero
        case "of peak": .share
        case "ranks", "NICs", "rows", "SMs": .count
        default: self == .fp8Peak ? .fromZero : .positive
        }
    }

    private var description: (unit: String, meaning: String) {
        switch self {
        case .ranksPerNode: ("ranks", "Ranks that share the fast links of a node.")
        case .nicsPerNode: ("NICs", "Network interfaces of a node.")
        case .fp8Peak: ("TFLOP/s", "Dense matrix products in fp8; 0 where the hardware has none.")
        case .bf16Peak: ("TFLOP/s", "Dense matrix products in bf16.")
        case .memoryBandwidth: ("GB/s", "Peak bandwidth of the memory.")
        case .memoryCapacity: ("GB", "Memory of one rank.")
        case .linkBandwidth: ("GB/s", "Bandwidth of one rank to the others of its node, one way.")
        case .nicBandwidth: ("GB/s", "Bandwidth of one network interface, one way.")
        case .contiguousLaunch:
            ("us", "Host work of a layer's products without a captured graph; kernels run beneath it.")
        case .contiguousProductEfficiency: ("of peak", "Grouped products on packed rows, of the peak.")
        case .contiguousMemoryEfficiency: ("of peak", "Grouped products on packed rows, of the memory bandwidth.")
        case .contiguousGatherEfficiency: ("of peak", "Writing outputs in token order, of the memory bandwidth.")
        case .contiguousTileRows: ("rows", "Rows to which each expert's queue is padded in packed products.")
        case .maskedLaunch: ("us", "Kernels of a layer's products inside a captured graph.")
        case .maskedSlot: ("us", "Time of each expert slot of a rank, with rows or without.")
        case .maskedProductEfficiency: ("of peak", "Masked grouped products, of the peak.")
        case .maskedMemoryEfficiency: ("of peak", "Masked grouped products, of the memory bandwidth.")
        case .maskedTileRows: ("rows", "Rows of a tile of masked products.")
        case .gateLaunch: ("us", "Kernels of norm, router product and top-k.")
        case .gateEfficiency: ("of peak", "The router product, of the memory bandwidth and of the peak.")
        case .lowLatencyDispatchLaunch, .lowLatencyCombineLaunch:
            ("us", "Launch and grid synchronisation of the low-latency kernel.")
        case .lowLatencyDispatchFloor, .lowLatencyCombineFloor:
            ("us", "Latency of a message that hides under a longer transfer.")
        case .lowLatencyDispatchCopy, .lowLatencyCombineCopy:
            ("GB/s", "Rate at which a rank copies rows of its node in the low-latency kernel.")
        case .lowLatencyDispatchFlag, .lowLatencyCombineFlag: ("us", "One flag to one expert of another node.")
        case .normalSMs: ("SMs", "Multiprocessors that communicate in the normal kernels.")
        case .nodeDispatchLaunch, .nodeCombineLaunch: ("us", "Launch of the normal kernel within one node.")
        case .nodeDispatchCopy, .nodeCombineCopy: ("GB/s per SM", "Copy rate of a multiprocessor within one node.")
        case .nodeDispatchFill, .nodeCombineFill: ("us", "Filling the pipeline within one node.")
        case .nodesDispatchLaunch, .nodesCombineLaunch: ("us", "Launch of the normal kernel over several nodes.")
        case .nodesDispatchCopy, .nodesCombineCopy:
            ("GB/s per SM", "Copy rate of a multiprocessor that also forwards between nodes.")
        case .nodesDispatchFill, .nodesCombineFill: ("us", "Filling the pipeline of the two hops.")
        case .collectiveLaunch: ("us", "Launch of a grouped send and receive, or of a collective.")
        case .collectivePeer: ("us", "Time of each peer in a grouped send and receive.")
        case .collectiveLinkHop: ("us", "Latency of one hop within a node in a ring.")
        case .collectiveNicHop: ("us", "Latency of one hop between nodes in a ring.")
        }
    }
}
