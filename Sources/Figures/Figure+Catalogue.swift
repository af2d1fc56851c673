import MoE
import Records

extension Figure {
    /// Every figure, in the order of tables. A new figure is a row here and nothing else.
    public static let catalogue: [Figure] =
        [stepSeconds, tokensPerSecond, tokensPerSecondPerRank] + loads + drops + identity + padding + balance
        + communication + traffic + coordinator
        + otherTimes + limits + verification

    /// Seconds of a step, from tokens in to outputs combined.
    public static let stepSeconds = Figure(
        "time.step_seconds",
        aliases: ["step-seconds"],
        columns: ["step_seconds_mean", "step_seconds_p50", "step_seconds_p90"],
        "step",
        "tokens in to outputs combined",
        "seconds from tokens in to outputs combined, per step",
        .seconds,
        .lower,
        statistics: [.mean, .p50, .p90],
        headline: .p50,
        isMain: true,
        .spreadOverSteps { $0.seconds }
    )

    /// Tokens per second: tokens of a step / seconds of the step.
    public static let tokensPerSecond = Figure(
        "tokens_per_second",
        aliases: ["tokens-per-second"],
        columns: ["tokens_per_second_mean", "tokens_per_second"],
        "throughput",
        heading: ("throughput", "tokens/s"),
        "tokens / seconds",
        "tokens / seconds, per step; p90 is a fast step",
        .perSecond,
        .higher,
        statistics: [.mean, .p50],
        headline: .p50,
        isMain: true,
        .spreadOverSteps { Average.ratio(Double($0.tokens), $0.seconds) }
    )

    /// Tokens per second of each rank: by this the points of a sweep are ranked, whatever number of ranks they have.
    public static let tokensPerSecondPerRank = Figure(
        "tokens_per_second_per_rank",
        aliases: ["tokens-per-second-per-rank"],
        columns: ["tokens_per_second_per_rank_mean", "tokens_per_second_per_rank"],
        "throughput per rank",
        heading: ("per rank", "tokens/s"),
        "tokens / seconds / ranks",
        "tokens / seconds / ranks, per step; p90 is a fast step",
        .perSecond,
        .higher,
        statistics: [.mean, .p50],
        headline: .p50,
        .spreadOverSteps { Average.ratio(Double($0.tokens), $0.seconds * Double($0.ranks)) }
    )

    /// The figures of the load, each per (step, layer) in which something was routed.
    private static let loads = [
        rankImbalance, balancedness, expertImbalance,
        expertCV,
        Figure(
            "load.expert.cv_squared",
            "expert CV²",
            "variance / mean²",
            "the square of load.expert.cv, per (step, layer)",
            .ratio,
            .lower,
            isCompared: false,
            .spread { $0.experts?.squaredVariation }
        ),
        maxvio,
        Figure(
            "load.expert.gini",
            aliases: ["gini"],
            "expert Gini",
            "|a - b| / 2 mean",
            "Gini coefficient of routed copies over experts (Gini 1912): mean absolute difference of two experts / twice the "
                + "mean, per (step, layer); 0 is perfect, 1 - 1 / experts the worst",
            .ratio,
            .lower,
            .spread { sample in
                // Of sorted loads, the differences of all pairs are a sum with weights that rise evenly.
                let loads = sample.record.expertCopies.sorted()
                let weighted = loads.enumerated().reduce(0) { $0 + (2 * $1.offset + 1 - loads.count) * $1.element }
                return Average.ratio(Double(weighted), Double(loads.count * sample.kept))
            }
        ),
        Figure(
            "load.importance.cv",
            "importance CV",
            "std / mean",
            "population standard deviation / mean over experts of summed gate weights before any drop, per (step, layer)",
            .ratio,
            .lower,
            .spread { $0.importance?.coefficientOfVariation }
        ),
        Figure(
            "load.importance.cv_squared",
            "importance CV²",
            "variance / mean²",
            "the square of load.importance.cv, per (step, layer): the importance loss of Shazeer et al. 2017 (arXiv "
                + "1701.06538) without its coefficient",
            .ratio,
            .lower,
            isCompared: false,
            .spread { $0.importance?.squaredVariation }
        ),
        Figure(
            "load.smooth_load.cv",
            "smooth load CV",
            "std / mean",
            "population standard deviation / mean over experts of the differentiable load estimate of Shazeer et al. 2017, "
                + "per (step, layer); without values where the router has none",
            .ratio,
            .lower,
            isCompared: false,
            .spread { $0.smoothLoad?.coefficientOfVariation }
        ),
        Figure(
            "load.smooth_load.cv_squared",
            "smooth load CV²",
            "variance / mean²",
            "the square of load.smooth_load.cv, per (step, layer): the load loss of that paper without its coefficient",
            .ratio,
            .lower,
            isCompared: false,
            .spread { $0.smoothLoad?.squaredVariation }
        ),
        layersWithoutLoad,
    ]

    /// The number of (step, layer) pairs in which nothing was routed.
    public static let layersWithoutLoad = Figure(
        "load.layers_without_load",
        "layers without load",
        "nothing routed",
        "(step, layer) pairs in which nothing was routed; no figure of loads counts them",
        .count,
        .lower,
        isCompared: false,
        .total(Amount("Layers of steps in which nothing was routed.") { $0.experts == nil ? 1 : 0 })
    )

    /// Max over ranks of routed copies / mean over ranks; 1 is perfect balance.
    public static let rankImbalance = Figure(
        "load.rank.imbalance",
        aliases: ["imbalance"],
        columns: ["imbalance"],
        "rank imbalance",
        "max / mean",
        "max over ranks of routed copies / mean over ranks, per (step, layer); 1 is perfect, the number of ranks the worst",
        .ratio,
        .lower,
        isMain: true,
        .spread { $0.ranks?.imbalance }
    )

    /// Mean over ranks of routed copies / max over ranks; 1 is perfect balance.
    public static let balancedness = Figure(
        "load.rank.balancedness",
        aliases: ["balancedness"],
        columns: ["balancedness"],
        "rank balancedness",
        "mean / max",
        "mean over ranks of routed copies / max over ranks, per (step, layer); 1 is perfect",
        .ratio,
        .higher,
        .spread { $0.ranks?.balancedness }
    )

    /// Max over experts of routed copies / mean over experts; 1 is perfect balance.
    public static let expertImbalance = Figure(
        "load.expert.imbalance",
        "expert imbalance",
        "max / mean",
        "max over experts of routed copies / mean over experts, per (step, layer); 1 is perfect, the number of experts the "
            + "worst",
        .ratio,
        .lower,
        .spread { $0.experts?.imbalance }
    )

    /// Population standard deviation / mean of routed copies over experts; 0 is perfect balance.
    public static let expertCV = Figure(
        "load.expert.cv",
        aliases: ["expert-cv"],
        "expert CV",
        "std / mean",
        "population standard deviation / mean of routed copies over experts, per (step, layer)",
        .ratio,
        .lower,
        .spread { $0.experts?.coefficientOfVariation }
    )

    /// Max over experts of routed copies / mean over experts - 1 (MaxVio of Wang et al. 2024, arXiv 2408.15664).
    public static let maxvio = Figure(
        "load.expert.maxvio",
        aliases: ["maxvio"],
        columns: ["maxvio"],
        "expert MaxVio",
        "max / mean - 1",
        "max over experts of routed copies / mean over experts - 1, per (step, layer)",
        .ratio,
        .lower,
        .spread { $0.experts?.maxViolation }
    )

    private static let droppedCopies = Amount("Copies that found no place at their expert.", metric: "copies_dropped") {
        Double($0.dropped)
    }
    private static let askedCopies = Amount("Copies that the router asked for, dropped or not.", metric: "copies_asked")
    {
        Double($0.asked)
    }
    private static let unservedTokens = Amount(
        "Tokens that no expert of the layer served.",
        metric: "tokens_without_expert"
    ) {
        Double($0.record.tokensWithoutExpert)
    }
    private static let routedTokens = Amount("Tokens that were routed.") { Double($0.tokens) }

    /// The number of routed copies dropped, over all layers of all steps.
    public static let copiesDropped = Figure(
        "load.dropped.copies",
        "copies dropped",
        "no place at the expert",
        "copies dropped, all layers of all steps",
        .count,
        .lower,
        .total(droppedCopies)
    )

    /// Routed copies dropped / routed copies that the router asked for.
    public static let droppedFraction = Figure(
        "load.dropped.fraction",
        aliases: ["dropped-fraction"],
        columns: ["dropped_share"],
        "copies dropped",
        "dropped / asked for",
        "copies dropped / copies asked for, all layers of all steps",
        .share,
        .lower,
        .ratio(droppedCopies, askedCopies)
    )

    /// The largest dropped fraction of one (step, layer).
    public static let largestDroppedFraction = Figure(
        "load.dropped.largest_fraction",
        "copies dropped, largest",
        "of one layer",
        "the largest load.dropped.fraction of one (step, layer)",
        .share,
        .lower,
        isCompared: false,
        .largestRatio(droppedCopies, askedCopies)
    )

    /// The number of tokens that no expert of a layer served, over all layers of all steps.
    public static let tokensUnserved = Figure(
        "load.dropped.tokens",
        "tokens without expert",
        "once per layer",
        "tokens that no expert of a layer served (all copies dropped, or none given), all layers of all steps",
        .count,
        .lower,
        .total(unservedTokens)
    )

    /// Tokens that no expert served / tokens of the steps times their layers.
    public static let unservedFraction = Figure(
        "load.dropped.token_fraction",
        "tokens without expert",
        "unserved / routed",
        "load.dropped.tokens / (tokens of a step x layers), all steps",
        .share,
        .lower,
        .ratio(unservedTokens, routedTokens)
    )

    /// The largest part of the tokens that no expert served, in one (step, layer).
    public static let largestUnservedFraction = Figure(
        "load.dropped.largest_token_fraction",
        "tokens without expert, largest",
        "of one layer",
        "the largest load.dropped.token_fraction of one (step, layer)",
        .share,
        .lower,
        isCompared: false,
        .largestRatio(unservedTokens, routedTokens)
    )

    private static let drops = [
        copiesDropped, droppedFraction, largestDroppedFraction, tokensUnserved, unservedFraction,
        largestUnservedFraction,
    ]

    private static let identityCopies = Amount("Copies for identity experts.") { sample in
        sample.record.identityExperts > 0 ? Double(sample.record.identityCopies) : nil
    }
    private static let copiesBesideIdentity = Amount("Copies kept in layers with identity experts.") { sample in
        sample.record.identityExperts > 0 ? Double(sample.kept) : nil
    }
    private static let computedCopies = Amount("Copies that ranks compute in layers with identity experts.") { sample in
        sample.record.identityExperts > 0 ? Double(sample.kept - sample.record.identityCopies) : nil
    }
    private static let tokensBesideIdentity = Amount("Tokens of layers with identity experts.") { sample in
        sample.record.identityExperts > 0 ? Double(sample.tokens) : nil
    }

    /// The share of the routed copies that are for identity experts, which no rank computes.
    public static let identityFraction = Figure(
        "load.identity.fraction",
        aliases: ["identity-fraction"],
        "copies to identity experts",
        "identity / kept",
        "copies for identity experts / copies kept, all layers of all steps; no rank computes them and they are in no traffic; "
            + "null where the model has no identity experts",
        .share,
        .neither,
        .ratio(identityCopies, copiesBesideIdentity)
    )

    /// The largest share of one (step, layer) that is for identity experts.
    public static let largestIdentityFraction = Figure(
        "load.identity.largest_fraction",
        "copies to identity experts, largest",
        "of one layer",
        "the largest load.identity.fraction of one (step, layer)",
        .share,
        .neither,
        isCompared: false,
        .largestRatio(identityCopies, copiesBesideIdentity)
    )

    /// The mean number of experts with weights that compute a token.
    public static let computedExpertsPerToken = Figure(
        "load.identity.computed_per_token",
        aliases: ["computed-per-token"],
        "experts with weights per token",
        "computed / tokens",
        "copies that ranks compute / tokens, all layers of all steps; null where the model has no identity experts",
        .ratio,
        .neither,
        .ratio(computedCopies, tokensBesideIdentity)
    )

    private static let identity = [identityFraction, largestIdentityFraction, computedExpertsPerToken]

    private static let paddedRows = Amount("Rows with queues padded as the router's system pads them.") {
        $0.record.paddedRows.map(Double.init)
    }
    private static let paddedCopies = Amount("Copies kept in layers that are padded.") { sample in
        sample.record.paddedRows.map { _ in Double(sample.kept) }
    }
    private static let extraRows = Amount("Rows that padding adds.") { sample in
        sample.record.paddedRows.map { Double($0 - sample.kept) }
    }

    /// Rows of the experts' queues with padding, mean per step.
    ///
    /// Nothing is padded here: the rows are counted, not computed.
    public static let paddedRowsPerStep = Figure(
        "load.padding.rows_per_step",
        "rows with padding",
        "per step",
        "rows with queues padded as the router's system pads them, summed over layers, mean per step; null where no router "
            + "pads",
        .count,
        .lower,
        isCompared: false,
        .perStep(paddedRows)
    )

    /// Routed copies kept in the layers whose queues are padded, mean per step.
    public static let paddedCopiesPerStep = Figure(
        "load.padding.copies_per_step",
        "copies with padding",
        "per step",
        "copies kept in the layers that are padded, mean per step",
        .count,
        .neither,
        isCompared: false,
        .perStep(paddedCopies)
    )

    /// Rows of the experts' queues with padding / routed copies kept - 1.
    public static let paddingFraction = Figure(
        "load.padding.extra_fraction",
        "padding",
        "rows / copies - 1",
        "rows with padding / copies kept - 1, all layers of all steps",
        .share,
        .lower,
        .ratio(extraRows, paddedCopies)
    )

    /// The largest padding fraction of one (step, layer).
    public static let largestPaddingFraction = Figure(
        "load.padding.largest_extra_fraction",
        "padding, largest",
        "of one layer",
        "the largest load.padding.extra_fraction of one (step, layer)",
        .share,
        .lower,
        isCompared: false,
        .largestRatio(extraRows, paddedCopies)
    )

    private static let padding = [
        paddedRowsPerStep, paddedCopiesPerStep, paddingFraction, largestPaddingFraction,
    ]
}

extension LoadStatistics {
    /// The square of the coefficient of variation.
    fileprivate var squaredVariation: Double { coefficientOfVariation * coefficientOfVariation }
}
