import Basics

extension RunSchema {
    private typealias Entry = Option<RunConfiguration>

    /// The settings of the section `hardware`.
    static let hardware: [Option<RunConfiguration>] = [
        Entry(
            "hardware.profile",
            \.hardware.profile,
            .nameOrPath,
            "The hardware that epsim predict is to predict, by its name (listed by epsim hardware) or its file."
        ),
        Entry(
            "hardware.kernel",
            \.hardware.kernel,
            .choice,
            "How tokens travel: kernels for throughput or for latency (DeepEP's), or plain NCCL."
        ),
        Entry("hardware.products", \.hardware.products, .choice, "Number type of the experts' weights and products."),
        Entry(
            "hardware.dispatch",
            \.hardware.dispatch,
            .choice,
            "Number type of tokens on their way to the experts; outputs come back in bf16."
        ),
        Entry(
            "hardware.routing",
            \.hardware.routing,
            .choice,
            "Whether every token is routed, or the expected loads are taken (workloads loads and synthetic)."
        ),
        Entry(
            optional: "hardware.straggler_rank",
            \.hardware.stragglerRank,
            .integer(0...65535),
            "A rank that computes more slowly than the others; below cluster.workers."
        ),
        Entry(
            "hardware.straggler_factor",
            \.hardware.stragglerFactor,
            .number(from: 1),
            "What multiplies the time of its computations.",
            when: When("hardware.straggler_rank", "hardware.straggler_rank is given") {
                $0.hardware.stragglerRank != nil
            }
        ),
        Entry(
            "hardware.reserved_gb",
            \.hardware.reservedGB,
            .number(from: 0),
            "Memory of each rank for what is not modelled: attention, caches, embeddings.",
            unit: "GB"
        ),
    ]
}
