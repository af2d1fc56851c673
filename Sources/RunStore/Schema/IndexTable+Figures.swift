extension IndexTable {
    /// The figures, called as their path in the report.
    static let figureColumns =
        IndexColumn.spread("time.step_seconds", "seconds of a step, over steps")
        + IndexColumn.spread(
            "tokens_per_second",
            "tokens / seconds of a step, over steps; 90 % of the steps are slower than p90"
        )
        + IndexColumn.spread(
            "load.rank.imbalance",
            "max over ranks / mean over ranks of routed copies, over (step, layer)"
        )
        + IndexColumn.spread(
            "load.rank.balancedness",
            "mean over ranks / max over ranks of routed copies, over (step, layer)"
        )
        + IndexColumn.spread(
            "load.expert.imbalance",
            "max over experts / mean over experts of routed copies, over (step, layer)"
        )
        + IndexColumn.spread(
            "load.expert.cv",
            "standard deviation / mean over experts of routed copies, over (step, layer)"
        )
        + IndexColumn.spread(
            "load.expert.maxvio",
            "max over experts / mean over experts of routed copies - 1, over (step, layer)"
        )
        + droppedColumns + communicationColumns + otherFigureColumns

    private static let droppedColumns = [
        IndexColumn("load.dropped.copies", .integer, "routed copies dropped, all steps"),
        IndexColumn("load.dropped.fraction", .real, "routed copies dropped / asked for, all steps"),
        IndexColumn(
            "load.dropped.tokens",
            .integer,
            "tokens that no expert of a layer served, all layers of all steps"
        ),
        IndexColumn("load.dropped.token_fraction", .real, "the same / (tokens x layers)"),
        IndexColumn(
            "load.padding.extra_fraction",
            .real,
            "rows with padding / copies kept - 1, where the router's system pads"
        ),
    ]

    private static let communicationColumns = [
        IndexColumn(
            "communication.total_seconds",
            .real,
            "seconds of dispatch + combine of the busiest rank, mean per step"
        ),
        IndexColumn("communication.total_share", .real, "the same / mean seconds of a step; may pass 1"),
        IndexColumn(
            "communication.exposed_seconds",
            .real,
            "seconds in which data travelled and nothing computed, mean per step"
        ),
        IndexColumn("communication.exposed_share", .real, "the same / mean seconds of a step; 0 to 1"),
        IndexColumn(
            "communication.exposed_without_overlap_seconds",
            .real,
            "exposed seconds had micro-batches not overlapped"
        ),
        IndexColumn("communication.exposed_without_overlap_share", .real, "the same / mean seconds of a step"),
        IndexColumn("communication.bytes.dispatch", .integer, "bytes sent to ranks, all steps"),
        IndexColumn("communication.bytes.combine", .integer, "bytes received from ranks, all steps"),
        IndexColumn("communication.bytes.dispatch_per_step", .real, "bytes sent to ranks, mean per step"),
        IndexColumn("communication.bytes.combine_per_step", .real, "bytes received from ranks, mean per step"),
        IndexColumn(
            "communication.traffic.naive_bytes_between_ranks",
            .real,
            "bytes of token rows between ranks, one per copy, mean per step"
        ),
        IndexColumn(
            "communication.traffic.deduplicated_bytes_between_ranks",
            .real,
            "the same with one row per token and rank"
        ),
    ]

    private static let otherFigureColumns = [
        IndexColumn(
            "coordinator.total_seconds",
            .real,
            "processor seconds of the coordinator's own thread, mean per step"
        ),
        IndexColumn("coordinator.share", .real, "the same / mean seconds of a step"),
        IndexColumn("prediction.step_seconds", .real, "seconds of a step by the modelled clock of this machine, mean"),
        IndexColumn("prediction.step_error", .real, "the same / median of the measured steps - 1"),
        IndexColumn("verification.wrong_tokens", .integer, "tokens whose outputs are wrong; null when not verified"),
        IndexColumn("verification.checked_tokens", .integer, "tokens that were recomputed and compared"),
        IndexColumn(
            "verification.relative_error",
            .real,
            "what the number types of the wire cost, as a part of the outputs"
        ),
        IndexColumn("output.sha256", .text, "SHA-256 of all outputs in token order"),
    ]
}
