public import Basics

/// The catalogue of routers by name.
public enum RouterCatalogue {
    /// A router that a configuration can name.
    public struct Entry: Sendable {
        /// The router's name in a configuration.
        public let name: String
        /// The routing rule in one line.
        public let summary: String
        /// The publication or code that defines the rule.
        public let source: String
        /// The losses that the router reports, in words.
        public let loss: String
        /// The copies or tokens that the router drops, in words.
        public let drop: String
        /// Models and systems that use the router.
        public let usedBy: String
        /// The rule of a router that is a ``TopKRule``, or nil for a router with code of its own.
        public var rule: TopKRule?
        /// Options that this router reads in addition to those that every ``TopKRule`` reads and, with queues, those of
        /// capacity.
        var alsoReads: [any PartialKeyPath<RouterOptions> & Sendable] = []
        /// Whether a router with code of its own can give its experts queues; it then reads the options of capacity.
        public var hasQueues = false
        /// The inputs that the router needs beside logits.
        public var needs: Set<RouterNeed> = []
        /// The function from the options of a run to the router.
        public let make: @Sendable (RouterOptions) -> any Router

        /// Whether the router reads an option; other options have no effect on it.
        public func reads(_ option: RouterOption) -> Bool {
            switch option.readers {
            case .rules where rule != nil, .queues where rule != nil || hasQueues: true
            default: alsoReads.contains { $0 == option.option.path() }
            }
        }

        /// Whether the router reads the option that `path`, a property of ``RouterOptions``, holds.
        public func reads(_ path: PartialKeyPath<RouterOptions>) -> Bool {
            RouterOptions.rows.contains { $0.option.path() == path && reads($0) }
        }
    }

    /// All routers, in the order in which help texts list them.
    public static let entries = RouterFamily.all.map(Entry.init(family:)) + others

    private static let byName = Dictionary(entries.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

    /// The catalogue entry of the router called `name`, or nil when there is none.
    public static func entry(named name: String) -> Entry? { byName[name] }

    /// The router called `name`.
    ///
    /// - Throws: ``RoutingError`` that lists the names when there is none, or says that a capacity is not allowed.
    public static func router(named name: String, options: RouterOptions) throws(RoutingError) -> any Router {
        guard let entry = entry(named: name) else {
            let names = entries.map(\.name).joined(separator: ", ")
            throw RoutingError("there is no router '\(name)'; allowed are \(names)")
        }
        try options.checkCapacity(of: entry.rule?.capacity)
        return entry.make(options)
    }
}

extension RouterCatalogue.Entry {
    /// The entry of a family; its texts follow from the family's values.
    init(family: RouterFamily) {
        name = family.name
        summary = family.rule.summary
        source = family.source
        loss = family.rule.lossSummary
        drop = family.rule.dropSummary
        usedBy = family.usedBy
        rule = family.rule
        make = { TopKRouter(rule: family.rule.applying($0)) }
    }
}

extension ValueRule where Value == String {
    /// The rule of an option whose value is the name of a router.
    public static var router: ValueRule {
        let names = RouterCatalogue.entries.map(\.name)
        return ValueRule(
            allowed: "the name of a router (listed by epsim config routers)",
            form: .text,
            value: { RouterCatalogue.entry(named: $0)?.name },
            text: { $0 },
            nearest: { NearestName.of($0, among: names) }
        )
    }
}

extension RouterCatalogue {
    /// Entries of the routers that have code of their own instead of a ``TopKRule``.
    static let others = [
        Entry(
            name: "noisy-top-k",
            summary: "the k largest noisy logits, then softmax over them",
            source: "Shazeer et al. 2017, arXiv 1701.06538, section 2.1",
            loss: "importance 0.1, load 0.1",
            drop: "nothing",
            usedBy: "the language models of that paper",
            alsoReads: [\.topK, \.training, \.noiseEpsilon, \.importanceLoss, \.loadLoss],
            hasQueues: true
        ) { options in
            let defaults = NoisyTopKRouter(topK: options.topK ?? 4)
            return NoisyTopKRouter(
                topK: defaults.topK,
                noiseEpsilon: options.noiseEpsilon ?? defaults.noiseEpsilon,
                importanceLoss: options.importanceLoss ?? defaults.importanceLoss,
                loadLoss: options.loadLoss ?? defaults.loadLoss,
                capacity: options.capacity(for: nil),
                isTraining: options.training ?? true
            )
        },
        Entry(
            name: "hierarchical",
            summary: "noisy top-k over groups, then within the chosen groups",
            source: "Shazeer et al. 2017, arXiv 1701.06538, appendix B",
            loss: "importance 0.1, load 0.1",
            drop: "nothing",
            usedBy: "the largest language models of that paper",
            alsoReads: [\.topK, \.training, \.noiseEpsilon, \.importanceLoss, \.loadLoss, \.hierarchyGroups]
        ) { options in
            let defaults = HierarchicalRouter()
            return HierarchicalRouter(
                groups: options.hierarchyGroups ?? defaults.groups,
                topK: options.topK ?? defaults.topK,
                noiseEpsilon: options.noiseEpsilon ?? defaults.noiseEpsilon,
                importanceLoss: options.importanceLoss ?? defaults.importanceLoss,
                loadLoss: options.loadLoss ?? defaults.loadLoss,
                isTraining: options.training ?? true
            )
        },
        Entry(
            name: "strictly-balanced",
            summary: "every expert keeps its k T / E largest gates; learned thresholds in evaluation",
            source: "Shazeer et al. 2017, arXiv 1701.06538, appendix F",
            loss: "batchwise 1.0",
            drop: "nothing",
            usedBy: "the translation models of that paper",
            alsoReads: [\.topK, \.training]
        ) { options in
            StrictlyBalancedRouter(topK: options.topK ?? 4, isTraining: options.training ?? true)
        },
        Entry(
            name: "dense-mixture",
            summary: "softmax over all experts, all of them evaluated",
            source: "Jacobs et al. 1991, Neural Computation 3",
            loss: "E1, E2, E3, where there are targets",
            drop: "nothing",
            usedBy: "the first mixtures of experts"
        ) { _ in
            DenseMixtureRouter()
        },
        Entry(
            name: "base",
            summary: "balanced assignment by auction; the best expert in evaluation",
            source: "Lewis et al. 2021, arXiv 2103.16716",
            loss: "none",
            drop: "nothing",
            usedBy: "BASE layers, fairseq",
            alsoReads: [\.training],
            needs: [.evenTokens]
        ) { options in
            BaseRouter(isTraining: options.training ?? true)
        },
        hash("hash", "a random expert per vocabulary id") { _ in .random },
        hash("hash-balanced", "vocabulary ids dealt out by frequency") { .balanced(frequencies: $0.frequencies) },
        hash("hash-multiple", "several hashes per token, each for a slice of the block", alsoReads: [\.hashes]) {
            .multiple($0.hashes ?? 2)
        },
        expertChoice("expert-choice", .paper, source: "Zhou et al. 2022, arXiv 2202.09368"),
        Entry(
            name: "expert-choice-capped",
            summary: "every expert takes its c T / E best tokens, c = 2 unless set, a token goes to at most k experts",
            source: "Zhou et al. 2022, arXiv 2202.09368, section 3.3",
            loss: "none",
            drop: "tokens that no expert takes",
            usedBy: "ablations of that paper; it sees later tokens",
            alsoReads: [\.capacityFactor, \.topK]
        ) { options in
            ExpertChoiceRouter(factor: options.capacityFactor ?? 2, cap: options.topK ?? 2)
        },
        expertChoice("expert-choice-mesh", .mesh, source: "Mesh TensorFlow, transformer/moe.py, expert_selection"),
        Entry(
            name: "sinkhorn",
            summary: "the k largest of a doubly scaled exp(logits)",
            source: "Clark et al. 2022, arXiv 2202.01169; Megatron-Core",
            loss: "none",
            drop: "nothing",
            usedBy: "Megatron-Core, S-BASE",
            alsoReads: [\.topK],
            hasQueues: true
        ) { options in
            SinkhornRouter(topK: options.topK ?? 1, capacity: options.capacity(for: nil))
        },
        Entry(
            name: "phimoe",
            summary: "top-2 by logit, each weighed by a softmax over its close rivals (SparseMixer)",
            source: "Abdin et al. 2024, arXiv 2404.14219; Liu et al. 2023, arXiv 2310.00811",
            loss: "switch auxiliary 0.001",
            drop: "nothing",
            usedBy: "Phi-3.5-MoE",
            alsoReads: [\.topK, \.jitter, \.auxLoss],
            hasQueues: true
        ) { options in
            let defaults = SparseMixerRouter()
            return SparseMixerRouter(
                topK: options.topK ?? defaults.topK,
                epsilon: options.jitter ?? defaults.epsilon,
                auxiliaryLoss: options.auxLoss ?? defaults.auxiliaryLoss,
                capacity: options.capacity(for: nil)
            )
        },
        Entry(
            name: "replay",
            summary: "choices recorded elsewhere",
            source: "a routing trace",
            loss: "none",
            drop: "nothing",
            usedBy: "replays of real routing",
            alsoReads: [\.topK],
            hasQueues: true,
            needs: [.recordedChoices]
        ) { options in
            ReplayRouter(topK: options.topK ?? 1, capacity: options.capacity(for: nil))
        },
        Entry(
            name: "command",
            summary: "the choices and weights of a program of one's own",
            source: "the program; the article Routers in any language",
            loss: "none",
            drop: "nothing",
            usedBy: "routers that are written elsewhere",
            alsoReads: [\.topK, \.command, \.commandInput, \.commandSeconds, \.commandPerToken],
            hasQueues: true
        ) { options in
            let defaults = CommandRouter(command: options.command ?? [])
            return CommandRouter(
                command: defaults.command,
                topK: options.topK ?? defaults.topK,
                input: options.commandInput ?? defaults.input,
                seconds: options.commandSeconds ?? defaults.seconds,
                isPerToken: options.commandPerToken ?? defaults.isPerToken,
                capacity: options.capacity(for: nil)
            )
        },
    ]
    private static func hash(
        _ name: String,
        _ summary: String,
        alsoReads options: [any PartialKeyPath<RouterOptions> & Sendable] = [],
        _ hashing: @escaping @Sendable (RouterOptions) -> HashRouter.Hashing
    ) -> Entry {
        Entry(
            name: name,
            summary: summary,
            source: "Roller et al. 2021, arXiv 2106.04426, section 3",
            loss: "none",
            drop: "nothing",
            usedBy: "hash layers",
            alsoReads: options,
            hasQueues: true,
            needs: [.tokenIDs]
        ) { options in
            HashRouter(hashing: hashing(options), capacity: options.capacity(for: nil))
        }
    }

    private static func expertChoice(
        _ name: String,
        _ variant: ExpertChoiceRouter.Variant,
        source: String
    ) -> Entry {
        Entry(
            name: name,
            summary: "every expert takes its c T / E best tokens, c = 2 unless set",
            source: source,
            loss: "none",
            drop: "tokens that no expert takes",
            usedBy: "encoders; it sees later tokens",
            alsoReads: [\.capacityFactor]
        ) { options in
            ExpertChoiceRouter(variant: variant, factor: options.capacityFactor ?? 2)
        }
    }
}

/// An input that a router needs beside logits.
public enum RouterNeed: Sendable {
    /// The vocabulary ids of the tokens.
    case tokenIDs
    /// Expert choices that were recorded elsewhere, to be replayed.
    case recordedChoices
    /// In training, a number of tokens that is a multiple of the number of experts.
    case evenTokens
}
