public import CostModel

/// One row of a table: a setting, and what was measured in it.
public struct TimingRow: Equatable, Sendable {
    /// The kernel or product that was run, with its sizes.
    public enum Setting: Equatable, Sendable {
        /// Dispatch and combine of a communication kernel.
        case kernel(KernelSetting)
        /// Products of the experts.
        case experts(ExpertSetting)
    }

    /// A measured time, or the bandwidth that was given for it.
    public enum Measurement: Equatable, Sendable {
        /// A time in seconds.
        case seconds(Double)
        /// A bandwidth in GB/s, of the bytes that `KernelPrediction.countedBytes(of:on:)` counts.
        case bandwidth(Double)
    }

    /// The line of the row in the file, from 1.
    public let line: Int
    /// The name of the hardware in the row.
    public let gpu: String
    /// The kernel or product that was run, with its sizes.
    public let setting: Setting
    /// The measured times or bandwidths, by figure.
    public let measurements: [TimingFigure: Measurement]
}

/// One operation of a layer whose time a row of timings gives.
public enum TimingFigure: String, CaseIterable, Codable, Sendable {
    /// The dispatch of tokens to experts.
    case dispatch
    /// The combine of the experts' outputs.
    case combine
    /// The products of the experts.
    case experts
}

extension TimingRow {
    /// Read a row of a kind of table; nil when its cells have problems.
    init?(_ cells: inout TimingCells, _ kind: TimingKind) {
        let gpu = cells.text("gpu")
        let read: (setting: Setting, measurements: [TimingFigure: Measurement])?
        switch kind {
        case .lowLatency, .normal: read = Self.kernel(&cells, kind)
        case .published: read = Self.published(&cells)
        case .experts: read = Self.experts(&cells)
        }
        guard let read, cells.problems.isEmpty else { return nil }
        self.init(line: cells.line, gpu: gpu, setting: read.setting, measurements: read.measurements)
    }

    private typealias Content = (setting: Setting, measurements: [TimingFigure: Measurement])

    private static func kernel(_ cells: inout TimingCells, _ kind: TimingKind) -> Content? {
        let nodes = cells.count("nodes", upTo: Limits.nodes)
        let gpus = cells.count("gpus", upTo: Limits.gpus)
        if gpus % nodes != 0 {
            cells.problem("gpus", found: "\(gpus)", allowed: "a multiple of nodes, \(nodes)")
        }
        // Both tables have fp8 on the way to the experts: bf16 would need more than NVLink gives.
        var setting = setting(&cells, kind == .normal ? .normal : .lowLatency, gpus, gpusPerNode: gpus / nodes)
        if kind == .normal { setting.sms = cells.count("sms", upTo: Limits.sms) }
        let dispatch = cells.number("dispatch_us")
        let combine = cells.number("combine_us")
        return (.kernel(setting), [.dispatch: .seconds(dispatch * 1e-6), .combine: .seconds(combine * 1e-6)])
    }

    private static func published(_ cells: inout TimingCells) -> Content? {
        let kernel = cells.word("mode", ["normal": CommunicationKernel.normal, "low_latency": .lowLatency])
        let gpus = cells.count("gpus", upTo: Limits.gpus)
        let perNode = cells.count("gpus_per_node", upTo: Limits.gpus)
        var setting = setting(&cells, kernel ?? .normal, gpus, gpusPerNode: perNode)
        setting.dispatchIn8Bits = cells.word("dispatch_dtype", ["fp8": true, "bf16": false]) ?? true
        _ = cells.word("combine_dtype", ["bf16": true])
        let limit: Int?? = cells.word("group_limit", ["none": nil, "4 of 8 groups": 4])
        setting.nodesPerToken = limit.flatMap(\.self)
        if setting.nodesPerToken != nil, setting.nodes > Limits.nodesUnderLimit {
            cells.problem(
                "gpus",
                found: "\(gpus)",
                allowed: "at most \(Limits.nodesUnderLimit) nodes with a group_limit"
            )
        }
        let nodes = max(1, setting.nodes)
        for (cell, count) in [("gpus", gpus), ("experts", setting.experts)]
        where setting.nodesPerToken != nil && !count.isMultiple(of: nodes) {
            cells.problem(cell, found: "\(count)", allowed: "a multiple of the \(nodes) nodes with a group_limit")
        }
        var measurements: [TimingFigure: Measurement] = [:]
        for (figure, name) in [(TimingFigure.dispatch, "dispatch"), (.combine, "combine")] {
            let seconds = cells.number(ifAny: "\(name)_us").map { Measurement.seconds($0 * 1e-6) }
            let bandwidth = cells.number(ifAny: "\(name)_gb_s").map { Measurement.bandwidth($0) }
            measurements[figure] = seconds ?? bandwidth
            if measurements[figure] == nil {
                cells.problem("\(name)_us", found: "", allowed: "a number above 0 here or in \(name)_gb_s")
            }
        }
        return (.kernel(setting), measurements)
    }

    private static func setting(
        _ cells: inout TimingCells,
        _ kernel: CommunicationKernel,
        _ gpus: Int,
        gpusPerNode: Int
    ) -> KernelSetting {
        let setting = KernelSetting(
            kernel: kernel,
            gpus: gpus,
            gpusPerNode: max(1, gpusPerNode),
            hidden: cells.count("hidden", upTo: Limits.width),
            choices: cells.count("top_k", upTo: Limits.choices),
            experts: cells.count("experts", upTo: Limits.experts),
            tokensPerGPU: cells.count("tokens_per_gpu", upTo: Limits.tokens),
            dispatchIn8Bits: true
        )
        check(&cells, gpus: gpus, choices: setting.choices, experts: setting.experts)
        return setting
    }

    private static func experts(_ cells: inout TimingCells) -> Content? {
        let kernel = cells.word("phase", ["prefill": ProductKernel.contiguous, "decode": .masked])
        let is8Bits = cells.word("dtype", ["fp8_block": true, "bf16": false])
        let name = cells.text("routing")
        let routing = BenchmarkRouting(name)
        if routing == nil {
            cells.problem("routing", found: name, allowed: "uniform, or power_law_ and an exponent from 0 to 10")
        }
        let setting = ExpertSetting(
            kernel: kernel ?? .masked,
            isIn8Bits: is8Bits ?? true,
            hidden: cells.count("hidden", upTo: Limits.width),
            ffn: cells.count("ffn", upTo: Limits.width),
            choices: cells.count("top_k", upTo: Limits.choices),
            experts: cells.count("experts", upTo: Limits.experts),
            gpus: cells.count("gpus", upTo: Limits.gpus),
            tokens: cells.count("tokens_all_gpus", upTo: Limits.tokens),
            routing: routing ?? .uniform
        )
        check(&cells, gpus: setting.gpus, choices: setting.choices, experts: setting.experts)
        if setting.experts % setting.gpus != 0 {
            cells.problem("gpus", found: "\(setting.gpus)", allowed: "a divisor of experts, \(setting.experts)")
        }
        return (.experts(setting), [.experts: .seconds(cells.number("latency_ms") * 1e-3)])
    }

    private static func check(_ cells: inout TimingCells, gpus: Int, choices: Int, experts: Int) {
        if choices > experts { cells.problem("top_k", found: "\(choices)", allowed: "at most experts, \(experts)") }
        if gpus > experts { cells.problem("gpus", found: "\(gpus)", allowed: "at most experts, \(experts)") }
    }
}

/// The largest values of cells: far above any cluster, so that a typing error costs neither memory nor time.
private enum Limits {
    static let nodes = 1024
    static let gpus = 1024
    /// The largest number of nodes in rows that limit the nodes of a token: all choices of 4 nodes are enumerated.
    static let nodesUnderLimit = 16
    static let sms = 1024
    static let width = 1 << 20
    static let choices = 256
    static let experts = 4096
    static let tokens = 1 << 24
}

/// The spread of copies over experts in a benchmark of expert products.
public enum BenchmarkRouting: Equatable, Sendable {
    /// Equal popularities of all experts.
    case uniform
    /// Popularities that follow a power law with this exponent.
    case powerLaw(Double)

    /// Parse `uniform` or `power_law_1.2`; nil for another text.
    init?(_ text: String) {
        if text == "uniform" {
            self = .uniform
        } else if text.hasPrefix("power_law_"), let exponent = Double(text.dropFirst(10)), (0...10).contains(exponent) {
            self = .powerLaw(exponent)
        } else {
            return nil
        }
    }
}

/// One measured run of the expert products on the busiest rank.
public struct ExpertSetting: Equatable, Sendable {
    /// The form of the products: contiguous for prefill, masked for decode.
    public var kernel: ProductKernel
    /// Whether the products are in fp8.
    public var isIn8Bits: Bool
    /// The width of a token.
    public var hidden: Int
    /// The inner width of an expert.
    public var ffn: Int
    /// The number of experts per token.
    public var choices: Int
    /// The number of routed experts.
    public var experts: Int
    /// The number of ranks.
    public var gpus: Int
    /// The number of tokens of all ranks together.
    public var tokens: Int
    /// The spread of copies over experts.
    public var routing: BenchmarkRouting
}

/// One measured dispatch and combine: the kernel, the cluster and the tokens.
public struct KernelSetting: Equatable, Sendable {
    /// The kind of kernel, normal or low-latency.
    public var kernel: CommunicationKernel
    /// The number of ranks.
    public var gpus: Int
    /// The number of ranks per node.
    public var gpusPerNode: Int
    /// The width of a token.
    public var hidden: Int
    /// The number of experts per token.
    public var choices: Int
    /// The number of routed experts.
    public var experts: Int
    /// The number of tokens of each rank.
    public var tokensPerGPU: Int
    /// The number of multiprocessors that communicate, or nil for the profile's.
    public var sms: Int?
    /// Whether tokens are dispatched in fp8.
    public var dispatchIn8Bits: Bool
    /// The number of nodes whose experts a token may use, or nil for all.
    public var nodesPerToken: Int?

    /// The number of nodes.
    public var nodes: Int { (gpus + gpusPerNode - 1) / gpusPerNode }
}
