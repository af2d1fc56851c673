public import Basics
public import Placement
public import Tensors

/// The section `cluster`: the processes, the wire between them, and their deadlines.
public struct ClusterOptions: Equatable, Sendable {
    /// Worker processes, one rank each.
    public var workers = 4
    /// The transport of messages in a local run.
    public var transport = TransportKind.ipc
    /// The endpoint that the coordinator binds, or nil to let the coordinator choose.
    public var endpoint: String?
    /// The policy that places experts on ranks, or the file that says it.
    public var placement = PlacementChoice.policy(.contiguous)
    /// Slots of all ranks in a layer, or nil for one per expert.
    public var slots: Int?
    /// Nodes that the ranks are spread over, for policies that look at them.
    public var nodes = 1
    /// The file whose loads or routing a policy places by, or nil for the workload's own.
    public var statistics: String?
    /// The rule by which copies take replicas.
    public var replicaChoice = ReplicaRule.tokenIndex
    /// When experts are placed anew while the run goes on, and how.
    public var rebalancing = RebalanceRules()
    /// Whether steps go on while experts move.
    public var rebalanceMode = RebalanceMode.background
    /// The place where the common experts run.
    public var shared = SharedSite.ranks
    /// The side that multiplies gate weights into outputs.
    public var gateWeights = GateWeightSide.coordinator
    /// Number type of token rows on the wire.
    public var payload = NumberFormat.f32
    /// Number type of the rows to the experts, or nil for that of ``payload``.
    public var dispatchPayload: NumberFormat?
    /// The form in which workers send outputs back.
    public var combine = CombineForm.copies
    /// Most tokens of a chunk, or nil to let it follow from the model.
    public var chunkTokens: Int?
    /// The limit on bytes in flight to and from one worker, in MiB: rows sent plus the outputs expected for them.
    public var creditMib = 64
    /// Threads of each worker.
    public var threads = 1
    /// The file with the CURVE keys, absolute once resolved, or nil for no encryption.
    public var keyFile: String?
    /// The limit in seconds from the start of the run until all workers must be ready.
    public var startSeconds = 60.0
    /// Seconds between two heartbeats; a worker that leaves four of them unanswered counts as lost.
    public var heartbeatSeconds = 0.5
    /// The limit in seconds from the routing of a layer until all its results must have arrived.
    public var layerSeconds = 60.0
    /// The phase to which an artificial delay is added, or nil.
    public var delayPhase: PhaseDelay.Phase?
    /// The rank that the artificial delay slows down.
    public var delayRank = 0
    /// The artificial delay of ``delayRank``, once in every layer, in milliseconds.
    public var delayMilliseconds = 0.0

    /// Cluster options with their default values.
    public init() {}
}

extension ClusterOptions {
    private static let placedByPolicy = Condition<ClusterOptions>(
        "cluster.placement",
        "cluster.placement is a policy"
    ) { $0.placement.policy != nil }

    private static let placedByLoads = Condition<ClusterOptions>(
        "cluster.placement",
        "cluster.placement is a policy that needs loads"
    ) { $0.placement.policy.map { $0.need != .nothing } ?? false }

    private static let replicated = Condition<ClusterOptions>(
        ["cluster.slots", "cluster.placement"],
        "cluster.slots is given or cluster.placement is a file"
    ) { $0.slots != nil || $0.placement.policy == nil ? nil : "cluster.slots" }

    private static let rebalanced = Condition<ClusterOptions>(
        "cluster.rebalance",
        "cluster.rebalance is not never"
    ) { $0.rebalancing.trigger != .never }

    private static func rebalanced(by trigger: RebalanceTrigger) -> Condition<ClusterOptions> {
        .of("cluster.rebalance", \.rebalancing.trigger, trigger)
    }

    private static let searched = rebalanced.and(
        Condition("cluster.placement", "cluster.placement is busiest-rank") { $0.placement == .policy(.busiestRank) }
    )

    private static let movable = Condition<ClusterOptions>(
        "cluster.placement",
        "cluster.placement is a policy that places by loads"
    ) { $0.placement.policy?.need == .loads }

    private static let delayed = Condition<ClusterOptions>(
        "cluster.delay_phase",
        "cluster.delay_phase is \(WordList.alternatives(PhaseDelay.Phase.allCases.map(\.rawValue)))"
    ) { $0.delayPhase != nil }

    /// The options of the section `cluster`: keys, allowed values and descriptions.
    public static let table = OptionTable<ClusterOptions>(
        [
            Option(
                "cluster.workers",
                \.workers,
                .integer(1...65535),
                "Ranks: worker processes of a live run, devices of a prediction; at most one per slot.",
                readBy: .all
            ),
            Option(
                "cluster.transport",
                \.transport,
                .choice,
                "The transport of a local run's messages."
            ),
            Option(
                optional: "cluster.endpoint",
                \.endpoint,
                .endpoint,
                "The address that the coordinator binds; chosen when left out."
            ),
            Option(
                "cluster.placement",
                \.placement,
                .placement,
                "The policy that gives each rank its experts, or a file with the experts of all slots, as epsim place "
                    + "or an engine writes it.",
                readBy: .all
            ),
            Option(
                optional: "cluster.slots",
                \.slots,
                .integer(1...1_048_576),
                "Slots of all ranks in a layer: model.experts and redundant ones for replicas; a multiple of "
                    + "cluster.workers.",
                absence: "(one per expert)",
                when: placedByPolicy,
                readBy: .all
            ),
            Option(
                optional: "cluster.statistics",
                \.statistics,
                .path,
                "The loads or the recorded routing that a policy places by; left out, those of the workload, which the "
                    + "placement then fits better than it will any later ones.",
                absence: "(the workload's own)",
                when: placedByLoads,
                readBy: .all
            ),
            Option(
                "cluster.nodes",
                \.nodes,
                .integer(1...65535),
                "Nodes that the ranks are spread over, for policies that look at them; a prediction has those of its "
                    + "hardware.",
                when: placedByLoads
            ),
            Option(
                "cluster.replica_choice",
                \.replicaChoice,
                .choice,
                "The rule by which a copy takes one of the replicas of its expert.",
                when: replicated,
                readBy: .all
            ),
            Option(
                "cluster.rebalance",
                \.rebalancing.trigger,
                .choice,
                "When experts are placed anew while the run goes on, by the policy of cluster.placement and the loads so "
                    + "far.",
                when: movable
            ),
            Option(
                "cluster.rebalance_mode",
                \.rebalanceMode,
                .choice,
                "Whether old slots serve while new ones are loaded, or the next step waits.",
                when: rebalanced
            ),
            Option(
                "cluster.rebalance_interval",
                \.rebalancing.interval,
                .integer(1...1_000_000),
                "The fewest steps, warm-up included, from one rebalance to the next and to the first.",
                when: rebalanced
            ),
            Option(
                "cluster.rebalance_threshold",
                \.rebalancing.threshold,
                .number(1...1000),
                "The mean imbalance of the last steps above which experts are placed anew.",
                when: rebalanced(by: .threshold)
            ),
            Option(
                "cluster.rebalance_horizon",
                \.rebalancing.horizon,
                .integer(1...1_000_000_000),
                "Steps within which the moves of a layer must be paid back.",
                when: rebalanced(by: .breakEven)
            ),
            Option(
                "cluster.rebalance_window",
                \.rebalancing.window,
                .integer(1...4096),
                "The last steps whose loads experts are placed by.",
                when: rebalanced
            ),
            Option(
                optional: "cluster.rebalance_decay",
                \.rebalancing.decay,
                .number(from: 0, below: 1),
                "The factor by which older loads weigh less with every step, in place of a window.",
                when: rebalanced
            ),
            Option(
                optional: "cluster.rebalance_layers",
                \.rebalancing.layers,
                .integer(1...1_048_576),
                "The most layers that are planned in a step, and whose experts move at a time.",
                absence: "(all)",
                when: rebalanced
            ),
            Option(
                "cluster.rebalance_min_gain",
                \.rebalancing.minGain,
                .number(0...1000),
                "The least fall of a layer's imbalance, on the loads so far, for which its experts move.",
                when: rebalanced
            ),
            Option(
                "cluster.rebalance_penalty",
                \.rebalancing.penalty,
                .number(0...1000),
                "What busiest-rank counts for each expert that it brings to a rank, in parts of the mean rank's load.",
                when: searched
            ),
            Option(
                "cluster.shared",
                \.shared,
                .choice,
                "The place of shared experts and dense networks: every rank, or the coordinator while the ranks compute."
            ),
            Option(
                "cluster.combine",
                \.combine,
                .choice,
                "Whether a worker returns the outputs of a token one by one or their weighted sum."
            ),
            Option(
                "cluster.gate_weights",
                \.gateWeights,
                .choice,
                "The side that multiplies outputs by their gate weights.",
                when: .of("cluster.combine", \.combine, .copies)
            ),
            Option(
                "cluster.payload",
                \.payload,
                .choice(of: NumberFormat.ofProducts),
                "Number type of token rows on the wire."
            ),
            Option(
                "cluster.dispatch_payload",
                \.dispatchPayload,
                .choice(or: "payload"),
                "Number type of rows on their way to the experts; payload means that of cluster.payload."
            ),
            Option(
                optional: "cluster.chunk_tokens",
                \.chunkTokens,
                .integer(1...1_048_576),
                "Most tokens of a chunk, the part of a layer that travels as one message per worker; chosen when left out."
            ),
            Option(
                "cluster.credit_mib",
                \.creditMib,
                .integer(1...65536),
                "Bytes in flight per worker: rows sent plus the outputs expected for them.",
                unit: "MiB"
            ),
            Option("cluster.threads", \.threads, .integer(1...256), "Threads per worker."),
            Option(
                optional: "cluster.key_file",
                \.keyFile,
                .path,
                "CURVE keys; without them nothing is encrypted."
            ),
            Option(
                "cluster.start_seconds",
                \.startSeconds,
                .number(0.1...3600),
                "All workers must be ready within this time.",
                unit: "s"
            ),
            Option(
                "cluster.heartbeat_seconds",
                \.heartbeatSeconds,
                .number(0.05...60),
                "Time between two signs of life; a worker silent for four of them is lost.",
                unit: "s"
            ),
            Option(
                "cluster.layer_seconds",
                \.layerSeconds,
                .number(0.1...3600),
                "All replies of one layer must be there within this time.",
                unit: "s"
            ),
            Option(
                "cluster.delay_phase",
                \.delayPhase,
                .choice(or: "none"),
                "The phase that an artificial delay makes slower, to study stragglers.",
                readBy: .effect(.measured)
            ),
            Option(
                "cluster.delay_rank",
                \.delayRank,
                .integer(0...65534),
                "The rank that is delayed; below cluster.workers.",
                when: delayed,
                readBy: .effect(.measured)
            ),
            Option(
                "cluster.delay_milliseconds",
                \.delayMilliseconds,
                .number(0...60000),
                "The delay in each layer.",
                unit: "ms",
                when: delayed,
                readBy: .effect(.measured)
            ),
        ],
        readBy: .only(.measured)
    )
}

extension ClusterOptions {
    /// The placement in words: the policy or the file, the slots, and the rule of replicas where there are any.
    public var placementWords: String {
        let name =
            switch placement {
            case .policy(let policy): policy.rawValue
            case .file(let path): "from \(Quoted.text(path))"
            }
        let hasReplicas = placement.policy == nil || slots != nil
        let replicas = hasReplicas ? ", replicas by \(replicaChoice.rawValue)" : ""
        return name + (slots.map { " in \($0) slots" } ?? "") + replicas
    }

    /// The same of a live run, whose experts may move.
    public var livePlacementWords: String {
        guard rebalancing.trigger != .never else { return placementWords }
        return "\(placementWords), rebalanced by \(rebalancing.trigger.rawValue) (\(rebalanceMode.rawValue))"
    }
}

/// The source of a placement: a policy, or a file.
public enum PlacementChoice: Equatable, Sendable {
    /// A policy.
    case policy(PlacementPolicy)
    /// The path of a file with the experts of all slots.
    case file(String)

    /// The policy, or nil for a file.
    public var policy: PlacementPolicy? {
        if case .policy(let policy) = self { policy } else { nil }
    }
}

extension ValueRule where Value == PlacementChoice {
    /// The rule of a policy's name, or of a path.
    static var placement: ValueRule {
        let policies = ValueRule<PlacementPolicy>.choice
        return ValueRule(
            allowed: "\(policies.allowed), or the path of a .json or .yaml file",
            form: .nameOrPath,
            value: { text in
                if let policy = policies.value(text) { return .policy(policy) }
                return PathText.isPath(text) ? .file(text) : nil
            },
            text: { choice in
                switch choice {
                case .policy(let policy): policy.rawValue
                case .file(let path): path
                }
            }
        )
    }
}

/// The transport of messages between coordinator and workers in a local run.
public enum TransportKind: String, CaseIterable, Sendable {
    /// Unix domain sockets, on one machine.
    case ipc
    /// TCP.
    case tcp
}

/// The place where common experts run: on every rank, or on the coordinator.
public enum SharedSite: String, CaseIterable, Sendable {
    /// Every rank computes the common experts, for the tokens that it owns.
    case ranks
    /// The coordinator computes the common experts, while the ranks compute the routed ones.
    case coordinator
}

/// The form in which the outputs of a token's copies come back.
public enum CombineForm: String, CaseIterable, Sendable {
    /// Each output comes back by itself; the coordinator sums those of a token in the router's order of choice,
    /// whatever the placement.
    case copies
    /// Each worker first sums a token's outputs over its own experts: fewer bytes come back, but the order of the sum
    /// depends on the placement.
    case presum
}

/// The side that multiplies gate weights into the outputs of experts.
public enum GateWeightSide: String, CaseIterable, Sendable {
    /// The coordinator multiplies, while it sums the outputs.
    case coordinator
    /// The worker multiplies, before it sends the outputs back.
    case worker
}
