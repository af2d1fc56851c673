public import Basics
public import Tensors

/// The section `hardware`: the cluster that a prediction is for. A live run does not read it.
public struct HardwareOptions: Equatable, Sendable {
    /// The hardware profile, by its name or its file.
    public var profile = "H100-SXM"
    /// The kernel that moves tokens between ranks.
    public var kernel = CommunicationKernel.normal
    /// Number type of the experts' weights and products.
    public var products = NumberFormat.fp8
    /// Number type of tokens on their way to the experts.
    public var dispatch = NumberFormat.fp8
    /// The source of the expert loads: tokens routed one by one, or expected loads.
    public var routing = PredictedRouting.tokens
    /// A rank that is slower than the others, or nil.
    public var stragglerRank: Int?
    /// The factor on the compute time of the straggler rank.
    public var stragglerFactor = 2.0
    /// Memory of each rank for what is not modelled (attention, caches, embeddings), in GB.
    public var reservedGB = 0.0

    /// Hardware options with their default values.
    public init() {}
}

extension HardwareOptions {
    /// The options of the section `hardware`: keys, allowed values and descriptions.
    public static let table = OptionTable<HardwareOptions>(
        [
            Option(
                "hardware.profile",
                \.profile,
                .nameOrPath,
                "The hardware that epsim predict is to predict, by its name (listed by epsim hardware) or its file."
            ),
            Option(
                "hardware.kernel",
                \.kernel,
                .choice,
                "The communication kernels: for throughput or for latency (DeepEP's), or plain NCCL."
            ),
            Option(
                "hardware.products",
                \.products,
                .choice(of: NumberFormat.ofAccelerators),
                "Number type of the experts' weights and products."
            ),
            Option(
                "hardware.dispatch",
                \.dispatch,
                .choice(of: NumberFormat.ofAccelerators),
                "Number type of tokens on their way to the experts; outputs come back in bf16."
            ),
            Option(
                "hardware.routing",
                \.routing,
                .choice,
                "Whether every token is routed, or the expected loads are taken (workloads loads and synthetic)."
            ),
            Option(
                optional: "hardware.straggler_rank",
                \.stragglerRank,
                .integer(0...65535),
                "A rank that computes more slowly than the others; below cluster.workers.",
                readBy: .effect(.modelled)
            ),
            Option(
                "hardware.straggler_factor",
                \.stragglerFactor,
                .number(from: 1),
                "The factor on the time of its computations.",
                when: Condition("hardware.straggler_rank", "hardware.straggler_rank is given") {
                    $0.stragglerRank != nil
                },
                readBy: .effect(.modelled)
            ),
            Option(
                "hardware.reserved_gb",
                \.reservedGB,
                .number(from: 0),
                "Memory of each rank for what is not modelled: attention, caches, embeddings.",
                unit: "GB"
            ),
        ],
        readBy: .only(.modelled)
    )
}

/// The source of a prediction's expert loads.
public enum PredictedRouting: String, CaseIterable, Sendable {
    /// Every token is routed by the router of the run.
    case tokens
    /// Expected loads, averaged over tokens: only for workloads that give the popularity of the experts.
    case expected
}
