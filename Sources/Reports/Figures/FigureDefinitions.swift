/// How each figure of a report is computed and in which unit: one table for the JSON, the docs and the reader.
enum FigureDefinitions {
    /// The definitions by the path of the figure's key in the JSON.
    static let byPath: [String: String] = [
        "load": "each figure is computed per (step, layer), then summarised over all pairs",
        "load.rank.imbalance": "max over ranks of routed copies / mean over ranks, per (step, layer); 1 is perfect",
        "load.rank.balancedness": "mean over ranks of routed copies / max over ranks, per (step, layer); 1 is perfect",
        "load.expert.imbalance": "max over experts of routed copies / mean over experts, per (step, layer)",
        "load.expert.cv": "population standard deviation / mean of routed copies over experts, per (step, layer)",
        "load.expert.cv_squared": "the square of load.expert.cv, per (step, layer)",
        "load.expert.maxvio": "max over experts of routed copies / mean over experts - 1, per (step, layer)",
        "load.importance.cv":
            "population standard deviation / mean over experts of summed gate weights, per (step, layer)",
        "load.importance.cv_squared": "the square of load.importance.cv, per (step, layer)",
        "load.smooth_load.cv":
            "population standard deviation / mean over experts of the differentiable load estimate, per (step, layer)",
        "load.smooth_load.cv_squared": "the square of load.smooth_load.cv, per (step, layer)",
        "load.dropped.copies": "copies dropped, all layers of all steps",
        "load.dropped.fraction": "copies dropped / copies asked for, all layers of all steps",
        "load.dropped.largest_fraction": "the largest fraction of one (step, layer)",
        "load.dropped.tokens":
            "tokens that no expert of a layer served (all copies dropped, or none given), all layers of all steps",
        "load.dropped.token_fraction": "dropped.tokens / (tokens of a step x layers), all steps",
        "load.dropped.largest_token_fraction": "the largest such fraction of one (step, layer)",
        "load.padding.rows_per_step":
            "rows with queues padded as the router's system pads them, summed over layers, mean per step",
        "load.padding.copies_per_step": "copies kept in the layers that are padded, mean per step",
        "load.padding.extra_fraction": "rows with padding / copies kept - 1, all layers of all steps",
        "load.padding.largest_extra_fraction": "the largest extra fraction of one (step, layer)",
        "load.losses": "value of each loss without its coefficient, per (step, layer)",
        "balance":
            "compute seconds of ranks, compared per (step, layer): the rank that is slowest most often, in how many of the "
            + "layers of all steps, slowest / mean over ranks, and the part of all steps that perfect balance saves at most",
        "time.step_seconds": "seconds from tokens in to outputs combined, per step",
        "time.phases": "seconds per step, summed over layers, mean over ranks; share of the mean step",
        "time.shared_compute_seconds":
            "seconds of the coordinator's shared and dense experts, overlapped or not, summed over layers, mean per step",
        "time.shared_compute_share": "shared_compute_seconds / mean seconds of a step",
        "time.residual":
            "|step - layers| + sum over layers of |layer - phases|, seconds, per (step, rank); largest, mean, and the "
            + "steps in which one passes its limit of 2 % of the step or 200 µs per layer",
        "tokens_per_second": "tokens / seconds, per step",
        "prediction":
            "the modelled clock on the same routing: seconds per step, mean over steps; phases as time.phases; processor "
            + "seconds of all processes; step_error = step_seconds / median of time.step_seconds - 1",
        "communication.total_seconds":
            "seconds in flight, dispatch + combine, of the busiest rank of each layer, summed over layers, mean per step",
        "communication.exposed_seconds":
            "seconds during which data travelled while no rank and not the coordinator computed, summed over layers, mean per step",
        "communication.total_share": "total_seconds / mean seconds of a step",
        "communication.exposed_share": "exposed_seconds / mean seconds of a step",
        "communication.exposed_without_overlap_seconds":
            "exposed_seconds had no micro-batch computed while another's data was on its way, mean per step",
        "communication.exposed_without_overlap_share": "exposed_without_overlap_seconds / mean seconds of a step",
        "limits":
            "prediction only: part of all steps' time that the same model saves with one thing changed; they do not add up",
        "coordinator":
            "processor seconds of the coordinator's own thread by kind of work, overlapped or not, summed over layers, "
            + "mean per step",
        "coordinator.share": "coordinator.total_seconds / mean seconds of a step",
        "verification.relative_error":
            "sqrt(sum of squared errors / sum of squares) of layer outputs against rows that travel in singles",
        "communication.bytes.dispatch": "bytes sent to ranks, envelopes and payloads, all steps",
        "communication.bytes.combine": "bytes received from ranks, envelopes and payloads, all steps",
        "communication.bytes.dispatch_per_step": "bytes sent to ranks / steps",
        "communication.bytes.combine_per_step": "bytes received from ranks / steps",
        "communication.traffic.naive_bytes":
            "[source rank][rank] bytes of token rows, dispatch + combine, one row per routed copy, mean per step",
        "communication.traffic.deduplicated_bytes":
            "[source rank][rank] bytes of token rows, dispatch + combine, one row per token and rank, mean per step",
        "per_step": "per step: mean over its layers of each figure as defined under load",
        "ranks": "per (layer, rank): copies, bytes and seconds per step; share and imbalance averaged over steps",
        "rank_totals": "per rank: copies, bytes and seconds per step summed over layers; share and imbalance averaged",
    ]
}
