import CostModel
import MoE
import Placement

/// The prediction of dispatch and combine for one row of a table under uniform routing, for any values of the
/// constants.
///
/// Published times follow the mean rank. So the prediction is the mean over ranks, by the same rows and the same model
/// of which a prediction of a run takes the maximum.
struct KernelPrediction {
    private let setting: KernelSetting
    /// The rows that ranks send and receive, one entry for all ranks with equal rows, and the number of ranks of each
    /// entry.
    private let rows: RoutedRows
    private let weights: [Double]

    /// Create the prediction for a row of a table.
    ///
    /// - Parameter profile: the hardware, in the layout of the row.
    init(_ setting: KernelSetting, on profile: HardwareProfile) throws(HardwareError) {
        self.setting = setting
        let placement: LayerPlacement
        do {
            placement = try PlacementPolicy.contiguous.layerPlacement(experts: setting.experts, ranks: setting.gpus)
        } catch {
            throw HardwareError("\(error)")
        }
        let shares = [Double](repeating: 1 / Double(setting.experts), count: setting.experts)
        let tokens = Double(setting.tokensPerGPU * setting.gpus)
        var routing = ExpectedRouting(tokens: tokens, choices: setting.choices, shares: shares)
        if let kept = setting.nodesPerToken {
            routing.limit = GroupChoice(groups: setting.nodes, kept: min(kept, setting.nodes))
        }
        let cluster = ModelledCluster(profile: profile, ranks: setting.gpus)
        let all = RoutedRows(expected: routing, placement: placement, cluster: cluster)
        (rows, weights) = Self.merged(all)
    }

    /// The predicted time of dispatch or combine in seconds, on hardware in the layout of the row.
    func seconds(of figure: TimingFigure, on profile: HardwareProfile) -> Double {
        let model = model(on: profile)
        let seconds = figure == .dispatch ? model.dispatchSeconds(rows) : model.combineSeconds(rows)
        return mean(seconds)
    }

    /// The constants that the prediction reads.
    func constants(on profile: HardwareProfile) -> Set<HardwareConstant> { model(on: profile).constants }

    /// The bytes of one rank that DeepEP's tables divide by the time: every routed copy in low-latency kernels; in
    /// normal ones a row per (token, rank) within a node, and over several nodes a row per (token, node), the token's
    /// own node included.
    func countedBytes(of figure: TimingFigure, on profile: HardwareProfile) -> Double {
        let bytes = model(on: profile).bytes
        let row = figure == .dispatch ? bytes.dispatch : bytes.combine
        let tokens = Double(setting.tokensPerGPU)
        let nodes = Double(setting.nodes)
        switch (setting.kernel, setting.nodes) {
        case (.normal, 1): return row * mean(rows.ranks.map(\.rows.larger))
        case (.normal, _): return row * mean(rows.ranks.map(\.nicRows.larger)) * nodes / (nodes - 1)
        default: return row * tokens * Double(setting.choices)
        }
    }

    private func model(on profile: HardwareProfile) -> CommunicationModel {
        CommunicationModel(
            cluster: ModelledCluster(profile: profile, ranks: setting.gpus),
            kernel: setting.kernel,
            bytes: RowBytes(hidden: setting.hidden, dispatchIn8Bits: setting.dispatchIn8Bits, kernel: setting.kernel)
        )
    }

    private func mean(_ values: [Double]) -> Double {
        zip(values, weights).reduce(0) { $0 + $1.0 * $1.1 } / weights.reduce(0, +)
    }

    /// Merge ranks whose rows are equal but for rounding, to compute them once: under uniform routing nearly all ranks
    /// are.
    private static func merged(_ rows: RoutedRows) -> (RoutedRows, [Double]) {
        var merged = rows
        merged.ranks = []
        var weights: [Double] = []
        for rank in rows.ranks {
            if let index = merged.ranks.firstIndex(where: { $0.isAlike(rank) }) {
                weights[index] += 1
            } else {
                merged.ranks.append(rank)
                weights.append(1)
            }
        }
        return (merged, weights)
    }
}

extension RankRows {
    /// Whether the rows of two ranks agree to twelve digits.
    fileprivate func isAlike(_ other: RankRows) -> Bool {
        zip(flows, other.flows).allSatisfy { abs($0 - $1) <= 1e-12 * max(abs($0), abs($1)) }
    }

    private var flows: [Double] {
        [nodeCopies, linkCopies, nicCopies, rows, linkRows, nicRows].flatMap { [$0.sent, $0.received] }
    }
}
