import Foundation

/// The model of dispatch and combine: seconds of each rank, from the rows that pass it.
///
/// In all kernels the busier direction of each kind of link bounds the rank; the slowest rank bounds the layer. The
/// equations stand in the article *How time is modelled*.
public struct CommunicationModel: Sendable {
    /// The modelled ranks and their hardware.
    public let cluster: ModelledCluster
    /// The kernel that moves tokens.
    public let kernel: CommunicationKernel
    /// Bytes of a token row in dispatch and in combine.
    public let bytes: RowBytes
    /// The kind of links that take no time, to see what links of that kind cost, or nil.
    private var free: LinkKind?

    /// A model of one kind of kernel.
    public init(cluster: ModelledCluster, kernel: CommunicationKernel, bytes: RowBytes) {
        self.cluster = cluster
        self.kernel = kernel
        self.bytes = bytes
    }

    /// The same model with links of one kind that take no time.
    public func without(_ kind: LinkKind) -> CommunicationModel {
        var other = self
        other.free = kind
        return other
    }

    /// Bytes that a rank receives in dispatch and in combine.
    public func receivedBytes(_ rows: RoutedRows, rank: Int) -> (dispatch: Double, combine: Double) {
        let received =
            switch kernel {
            case .normal: rows.ranks[rank].rows.received
            case .lowLatency, .direct: rows.ranks[rank].copiesReceived
            case .ring: rows.tokens.reduce(0, +) - rows.tokens[rank]
            }
        return (received * bytes.dispatch, received * bytes.combine)
    }

    /// Seconds of dispatch on each rank, `[ranks]`.
    public func dispatchSeconds(_ rows: RoutedRows) -> [Double] { seconds(rows, .dispatch, bytes.dispatch) }

    /// Seconds of combine on each rank, `[ranks]`.
    public func combineSeconds(_ rows: RoutedRows) -> [Double] { seconds(rows, .combine, bytes.combine) }

    /// The hardware constants that the equations of this model read.
    public var constants: Set<HardwareConstant> {
        let links: Set<HardwareConstant> =
            isOneNode ? [.linkBandwidth] : [.linkBandwidth, .nicBandwidth, .nicsPerNode]
        return links.union(constants(.dispatch)).union(constants(.combine))
    }

    private func constants(_ direction: Direction) -> [HardwareConstant] {
        switch kernel {
        case .normal: [.normalSMs] + NormalConstants(direction, isOneNode: isOneNode).all
        case .lowLatency: LowLatencyConstants(direction).all
        case .direct: [.collectiveLaunch, .collectivePeer]
        case .ring: [.collectiveLaunch, .collectiveLinkHop, .collectiveNicHop]
        }
    }

    private var profile: HardwareProfile { cluster.profile }
    private var isOneNode: Bool { cluster.nodes == 1 }
    private var linkBandwidth: Double { free == .link ? .infinity : profile[.linkBandwidth] }
    private var nicBandwidth: Double { free == .nic ? .infinity : cluster.nicBandwidth }

    private func seconds(_ rows: RoutedRows, _ direction: Direction, _ rowBytes: Double) -> [Double] {
        // Thousands of bytes of a row: what a GB/s moves in a microsecond.
        let row = rowBytes / 1000
        switch kernel {
        case .normal:
            let constants = NormalConstants(direction, isOneNode: isOneNode)
            return rows.ranks.map { normal($0, constants, row) * 1e-6 }
        case .lowLatency:
            let flags = Double(rows.slotCount) * (1 - 1 / Double(cluster.nodes))
            let constants = LowLatencyConstants(direction)
            return rows.ranks.map { lowLatency($0, constants, row, flags: flags) * 1e-6 }
        case .direct:
            return rows.ranks.map { direct($0, row) * 1e-6 }
        case .ring:
            let most = rows.tokens.max() ?? 0
            return [Double](repeating: ring(tokens: most, row) * 1e-6, count: cluster.ranks)
        }
    }

    /// Microseconds of a low-latency kernel:
    /// t = launch + flags + sqrt(floor² + (copies in the node / copy rate)² + links² + NICs²).
    private func lowLatency(
        _ rank: RankRows,
        _ constants: LowLatencyConstants,
        _ row: Double,
        flags: Double
    ) -> Double {
        let copy = rank.nodeCopies.larger * row / profile[constants.copy]
        let link = rank.linkCopies.larger * row / linkBandwidth
        let nic = rank.nicCopies.larger * row / nicBandwidth
        return profile[constants.launch] + flags * profile[constants.flag]
            + SoftMaximum.of([profile[constants.floor], copy, link, nic], power: 2)
    }

    /// Microseconds of a normal kernel: t = launch + x + fill x / (fill + x), x the slowest of copies, links and NICs.
    /// While the transfer is short its hops run one after the other; a long one overlaps them.
    private func normal(_ rank: RankRows, _ constants: NormalConstants, _ row: Double) -> Double {
        let copy = rank.rows.larger * row / (profile[.normalSMs] * profile[constants.copy])
        let link = rank.linkRows.larger * row / linkBandwidth
        let nic = rank.nicRows.larger * row / nicBandwidth
        let transfer = SoftMaximum.of([copy, link, nic], power: 8)
        let fill = profile[constants.fill]
        let filling = transfer > 0 && fill > 0 ? fill * transfer / (fill + transfer) : 0
        return profile[constants.launch] + transfer + filling
    }

    /// Microseconds of a direct all-to-all: a send and a receive for every peer, then the busier of links and NICs.
    private func direct(_ rank: RankRows, _ row: Double) -> Double {
        let peers = Double(2 * (cluster.ranks - 1))
        let link = rank.linkCopies.larger * row / linkBandwidth
        let nic = rank.nicCopies.larger * row / nicBandwidth
        return profile[.collectiveLaunch] + peers * profile[.collectivePeer] + max(link, nic)
    }

    /// Microseconds of a ring: R - 1 steps, in each of which every rank passes on the tokens of one rank. As many
    /// rings as NICs run at once, so that a node's boundary carries all of them.
    private func ring(tokens: Double, _ row: Double) -> Double {
        let (ranks, nodes) = (cluster.ranks, cluster.nodes)
        let ofNode = nicBandwidth * profile[.ranksPerNode]
        let bandwidth = isOneNode ? linkBandwidth : min(linkBandwidth, ofNode)
        let nicHops = isOneNode ? 0 : Double(nodes) * profile[.collectiveNicHop]
        let hops = Double(ranks - nodes) * profile[.collectiveLinkHop] + nicHops
        return profile[.collectiveLaunch] + hops + Double(ranks - 1) * tokens * row / bandwidth
    }
}

/// A smooth maximum: the p-norm of the values.
enum SoftMaximum {
    /// (Σ x^p)^(1/p) of values of 0 or above; the larger p, the nearer to the largest value.
    static func of(_ values: [Double], power: Double) -> Double {
        let largest = values.max() ?? 0
        guard largest > 0 else { return 0 }
        return largest * pow(values.reduce(0) { $0 + pow($1 / largest, power) }, 1 / power)
    }
}

/// The hardware constants of a normal kernel, in one direction, on one node or several.
struct NormalConstants {
    let launch: HardwareConstant
    let copy: HardwareConstant
    let fill: HardwareConstant

    init(_ direction: Direction, isOneNode: Bool) {
        switch (direction, isOneNode) {
        case (.dispatch, true): (launch, copy, fill) = (.nodeDispatchLaunch, .nodeDispatchCopy, .nodeDispatchFill)
        case (.combine, true): (launch, copy, fill) = (.nodeCombineLaunch, .nodeCombineCopy, .nodeCombineFill)
        case (.dispatch, false): (launch, copy, fill) = (.nodesDispatchLaunch, .nodesDispatchCopy, .nodesDispatchFill)
        case (.combine, false): (launch, copy, fill) = (.nodesCombineLaunch, .nodesCombineCopy, .nodesCombineFill)
        }
    }

    var all: [HardwareConstant] { [launch, copy, fill] }
}

/// The hardware constants of a low-latency kernel, in one direction.
struct LowLatencyConstants {
    let launch: HardwareConstant
    let floor: HardwareConstant
    let copy: HardwareConstant
    let flag: HardwareConstant

    init(_ direction: Direction) {
        switch direction {
        case .dispatch:
            launch = .lowLatencyDispatchLaunch
            floor = .lowLatencyDispatchFloor
            copy = .lowLatencyDispatchCopy
            flag = .lowLatencyDispatchFlag
        case .combine:
            launch = .lowLatencyCombineLaunch
            floor = .lowLatencyCombineFloor
            copy = .lowLatencyCombineCopy
            flag = .lowLatencyCombineFlag
        }
    }

    var all: [HardwareConstant] { [launch, floor, copy, flag] }
}

/// The direction in which rows travel.
enum Direction: Sendable {
    case dispatch
    case combine
}

/// Bytes of one token row on its way to an expert, and back.
public struct RowBytes: Equatable, Sendable {
    /// Bytes of a row in dispatch.
    public var dispatch: Double
    /// Bytes of a row in combine.
    public var combine: Double

    /// The bytes of rows of `hidden` numbers, as a kernel sends them.
    ///
    /// fp8 has one single for every 128 numbers as their scale; low-latency kernels put 16 bytes in front of each row.
    /// Source: DeepEP, README.md and csrc/kernels/internode_ll.cu.
    public init(hidden: Int, dispatchIn8Bits: Bool, kernel: CommunicationKernel) {
        let width = Double(hidden)
        let header: Double = kernel == .lowLatency ? 16 : 0
        dispatch = (dispatchIn8Bits ? width + 4 * (width / 128).rounded(.up) : 2 * width) + header
        combine = 2 * width
    }
}

/// A kernel that moves tokens between ranks.
public enum CommunicationKernel: String, Codable, CaseIterable, Sendable {
    /// Throughput kernels: a token crosses to each node once, and is forwarded there (DeepEP's normal mode).
    case normal
    /// Latency kernels: every copy goes straight to the rank of its expert (DeepEP's low-latency mode).
    case lowLatency = "low-latency"
    /// Grouped sends and receives: every copy goes straight to the rank of its expert, as in NCCL's all-to-all.
    case direct = "nccl-direct"
    /// Rings: an all-gather of all tokens before the experts, and a reduce-scatter of all outputs after them.
    case ring = "nccl-ring"
}

/// A kind of link that rows pass.
public enum LinkKind: Sendable {
    /// Links within a node.
    case link
    /// Links between nodes: network interfaces.
    case nic
}
