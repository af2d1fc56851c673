/// How each figure of a report is computed and in which unit: one table for the JSON, the docs and the reader.
enum FigureDefinitions {
    /// The definitions by the path of the figure's key in the JSON.
    static let byPath: [String: String] = [
        "load": "each figure is computed per (step, layer), then summarised over all pairs",
        "load.rank.imbalance": "max over ranks of routed copies / mean over ranks, per (step, layer); 1 is perfect",
        "load.rank.balancedness": "mean over ranks of routed copies / max over ranks, per (step, layer); 1 is perfect",
        "load.expert.imbalance": "max over experts of routed copies / mean over experts, per (step, layer)",
        "load.expert.cv": "population standard deviation / mean of routed copies over experts, per (step, layer)",
        "load.expert.maxvio": "max over experts of routed copies / mean over experts - 1, per (step, layer)",
        "load.importance.cv":
            "population standard deviation / mean over experts of summed gate weights, per (step, layer)",
        "load.dropped.copies": "copies dropped, all layers of all steps",
        "load.dropped.fraction": "copies dropped / copies asked for, all layers of all steps",
        "load.dropped.largest_fraction": "the largest fraction of one (step, layer)",
        "load.dropped.tokens": "tokens that lost all copies of a layer, all layers of all steps",
        "load.losses": "value of each loss without its coefficient, per (step, layer)",
        "time.step_seconds": "seconds from tokens in to outputs combined, per step",
        "time.phases": "seconds per step, summed over layers, mean over ranks; share of the mean step",
        "time.residual": "|step - layers| + sum over layers of |layer - phases|, seconds, per (step, rank)",
        "tokens_per_second": "tokens / seconds, per step",
        "communication.total_seconds":
            "seconds in flight, dispatch + combine, of the busiest rank of each layer, summed over layers, mean per step",
        "communication.exposed_seconds":
            "seconds during which data travelled while nothing computed, summed over layers, mean per step",
        "communication.total_share": "total_seconds / mean seconds of a step",
        "communication.exposed_share": "exposed_seconds / mean seconds of a step",
        "communication.bytes.dispatch": "bytes sent to ranks, envelopes and payloads, all steps",
        "communication.bytes.combine": "bytes received from ranks, envelopes and payloads, all steps",
        "communication.bytes.dispatch_per_step": "bytes sent to ranks / steps",
        "communication.bytes.combine_per_step": "bytes received from ranks / steps",
        "communication.traffic.naive_bytes":
            "[source rank][rank] bytes of token rows, dispatch + combine, one row per routed copy, mean per step",
        "communication.traffic.deduplicated_bytes":
            "[source rank][rank] bytes of token rows, dispatch + combine, one row per token and rank, mean per step",
        "ranks": "per (layer, rank): copies, bytes and seconds per step; share and imbalance averaged over steps",
        "rank_totals": "per rank: copies, bytes and seconds per step summed over layers; share and imbalance averaged",
    ]
}
