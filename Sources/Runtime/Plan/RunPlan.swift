public import Basics
public import Cluster
public import CostModel
public import MoE
public import Placement
public import Workloads

/// The settings of a run, with their defaults: the model, its router, the tokens, the cluster and the run.
///
/// A setting that does not apply (the noise of a router without noise, say) holds its default.
public struct RunPlan: Equatable, Sendable {
    /// The shape and arithmetic of the stack of layers.
    public var model = ModelOptions()
    /// The choice of experts for each token.
    public var router = RouterPlan()
    /// The source of the tokens.
    public var workload = WorkloadOptions()
    /// The processes and the wire between them.
    public var cluster = ClusterOptions()
    /// The cluster that a prediction is for.
    public var hardware = HardwareOptions()
    /// The number of steps, the seed, and the folder of the results.
    public var run = RunOptions()

    /// The placement of the file that `cluster.placement` names, once it was read; nil where a policy places.
    public var placement: Placement?

    /// A run with default settings.
    public init() {}

    /// The stack of layers that `model` describes.
    public var modelShape: ModelShape { model.shape }

    /// The name of the router that runs: `replay` for recorded choices, else that of `router.kind`.
    public var routerName: String { workload.kind.holdsChoices ? "replay" : router.kind }

    /// The router that runs.
    ///
    /// - Parameter tokenFrequencies: how often each vocabulary id occurs, for routers that hash by frequency; nil to
    ///   let them count the tokens of each step.
    /// - Throws: `RoutingError` as ``RouterPlan/makeRouter(tokenFrequencies:)`` does.
    public func makeRouter(tokenFrequencies: [Double]? = nil) throws(RoutingError) -> any Router {
        var router = router
        router.kind = routerName
        if workload.kind.holdsChoices { router.options.topK = try copiesPerToken() }
        return try router.makeRouter(tokenFrequencies: tokenFrequencies)
    }

    /// The most copies that a token can have; for recorded choices, the number of choices per token.
    ///
    /// - Throws: `RoutingError` when no router is called `router.kind`, which cannot be in a resolved configuration.
    public func copiesPerToken() throws(RoutingError) -> Int {
        var options = router.options
        // A capacity says nothing of k, and that of a trace is in the unit of `replay`, not in that of `router.kind`.
        (options.capacityFactor, options.capacityOf) = (nil, nil)
        return try RouterCatalogue.router(named: router.kind, options: options).mostCopies(
            experts: modelShape.candidates
        )
    }
}

extension RunPlan {
    /// The options of a run, section by section: those of the modules that read them, with conditions here where one
    /// section depends on another.
    public static let table: OptionTable<RunPlan> = {
        let sections: [[Option<RunPlan>]] = [
            ModelOptions.table.options(at: \.model),
            routerSection,
            WorkloadOptions.table.options(at: \.workload),
            ClusterOptions.table.options(at: \.cluster, when: ["cluster.shared": hasCommon]),
            HardwareOptions.table.options(at: \.hardware),
            RunOptions.table.options(at: \.run),
        ]
        return OptionTable(sections.flatMap(\.self))
    }()

    private static let hasCommon = Condition<RunPlan>(
        ["model.shared_ffn", "model.dense_ffn"],
        "model.shared_ffn or model.dense_ffn is above 0"
    ) { $0.model.sharedFfn > 0 || $0.model.denseFfn > 0 ? nil : "model.shared_ffn" }
}

/// The section `run`: the number of steps, the seed, and the folder of the results.
public struct RunOptions: Equatable, Sendable {
    /// Measured steps.
    public var steps = 20
    /// Steps before the measured ones, which no figure counts.
    public var warmup = 2
    /// The seed of all weights and random numbers.
    public var seed: UInt64 = 1
    /// The overlap of communication with computing.
    public var overlap = OverlapMode.none
    /// The folder that receives one folder per run, absolute once resolved.
    public var out = "runs"
    /// Whether every token is recomputed in one process and compared with the output of the run.
    public var verify = false

    /// Run options with their default values.
    public init() {}
}

extension RunOptions {
    /// The options of the section `run`: keys, allowed values and descriptions.
    static let table = OptionTable<RunOptions>([
        Option("run.steps", \.steps, .integer(1...1_000_000), "Measured steps."),
        Option("run.warmup", \.warmup, .integer(0...1_000_000), "Steps before them, which no figure counts."),
        Option("run.seed", \.seed, .integer(0...UInt64.max), "All weights and random numbers follow from it."),
        Option(
            "run.overlap",
            \.overlap,
            .choice,
            "Whether two halves of each step are in flight, one communicating while the other computes; full is a bound for "
                + "predictions."
        ),
        Option("run.out", \.out, .path, "The folder that receives one folder per run."),
        Option(
            "run.verify",
            \.verify,
            .boolean,
            "Recomputes every token in one process and compares.",
            readBy: .only(.measured)
        ),
    ])
}

/// The section `router`: the choice of experts for each token, its weights, and the treatment of a full expert.
public struct RouterPlan: Equatable, Sendable {
    /// The name of the router in `RouterCatalogue`.
    public var kind = "softmax-top-k"
    /// Standard deviation of the seeded gate's logits for a token of unit RMS.
    public var logitStd = 1.0
    /// The options of the router; an option that is nil has the default of the router called ``kind``.
    public var options = RouterOptions()

    /// Router options with their default values.
    public init() {}

    /// The router that these settings describe.
    ///
    /// - Parameter tokenFrequencies: how often each vocabulary id occurs, for routers that hash by frequency; nil to
    ///   let them count the tokens of each step.
    /// - Throws: `RoutingError` when no router is called ``kind``, or its capacity is not allowed; neither can be in
    ///   a resolved configuration.
    public func makeRouter(tokenFrequencies: [Double]? = nil) throws(RoutingError) -> any Router {
        var options = self.options
        options.frequencies = tokenFrequencies
        return try RouterCatalogue.router(named: kind, options: options)
    }
}

extension RunPlan {
    /// The options of the section `router`: `router.kind`, and the options of all routers with `router.logit_std` among
    /// them.
    static let routerSection: [Option<RunPlan>] = {
        guard let last = routerOptions.firstIndex(where: { $0.path() == \Self.router.options.training }) else {
            preconditionFailure("the table of routers has no option for training")
        }
        return [kind] + routerOptions[...last] + [logitStd] + routerOptions[(last + 1)...]
    }()

    /// The options of all routers as settings `router.*` of a run.
    public static let routerOptions: [Option<RunPlan>] = RouterOptions.rows.map { row in
        Option(row.option, at: \.router.options, prefix: "router.", when: condition(row.isRead.and(row.condition)))
    }

    private static let kind = Option<RunPlan>(
        "router.kind",
        \.router.kind,
        .router,
        "The router; options that are not given have this router's values."
    )

    private static let logitStd = Option<RunPlan>(
        "router.logit_std",
        \.router.logitStd,
        .number(above: 0),
        "Standard deviation of the seeded gate's logits for a token of unit RMS.",
        when: Condition("model.checkpoint", "model.checkpoint is not given") { $0.model.checkpoint == nil }
    )

    /// Turn a condition on a router into a condition on the run; for a workload of recorded choices the router is
    /// `replay`.
    private static func condition(_ part: Condition<RouterChoice>) -> Condition<RunPlan> {
        let keys = part.keys.flatMap { $0 == "kind" ? ["router.kind", "workload.kind"] : ["router.\($0)"] }
        return Condition(part, keys: keys, of: { RouterChoice(named: $0.routerName, options: $0.router.options) }) {
            key,
            root in
            key == "kind" && root.workload.kind.holdsChoices ? "workload.kind" : "router.\(key)"
        }
    }
}
