extension IndexTable {
    /// What was run. What the report has below `run` goes without that word.
    static let descriptionColumns = [
        IndexColumn(
            "run.id",
            .text,
            as: "id",
            isRequired: true,
            "id of the run, and name of its folder unless a sweep made it"
        ),
        IndexColumn("status", .text, isRequired: true, "valid, invalid, failed or interrupted"),
        IndexColumn("reasons", .text, separator: "; ", "why the status is not valid; empty when it is"),
        IndexColumn("clock", .text, isRequired: true, "measured (wall time) or modelled (a prediction)"),
        IndexColumn("run.started_at", .text, as: "started_at", isRequired: true, "start of the run, UTC, ISO 8601"),
        IndexColumn("run.epsim_version", .text, as: "epsim_version", "version of epsim"),
        IndexColumn("run.config_name", .text, as: "config_name", "the configuration, by its path or name"),
        IndexColumn(
            "run.command_line",
            .text,
            as: "command_line",
            separator: " ",
            "the command, with spaces between its words"
        ),
        IndexColumn("seed", .integer, "seed; above 2^63 - 1 the nearest real number"),
        IndexColumn("workers", .integer, "number of ranks"),
        IndexColumn("steps", .integer, "measured steps that were recorded"),
        IndexColumn("run.warmup_steps", .integer, as: "warmup_steps", "steps before the first measured one"),
        IndexColumn("run.workload.tokens_per_step", .integer, as: "tokens_per_step", "tokens of a step"),
        IndexColumn("run.workload.summary", .text, as: "workload", "what tokens there were"),
        IndexColumn("run.model.layers", .integer, as: "layers", "mixture-of-experts layers"),
        IndexColumn("run.model.experts", .integer, as: "experts", "experts of a layer"),
        IndexColumn("run.model.expert.hidden", .integer, as: "hidden", "width of the hidden states"),
        IndexColumn("run.model.expert.ffn", .integer, as: "expert_ffn", "inner width of an expert"),
        IndexColumn("run.router", .text, as: "router", "the router in one line, with top-k and capacity"),
        IndexColumn("run.expert_dtype", .text, as: "expert_dtype", "element type of the experts' products"),
        IndexColumn(
            "run.dispatch_dtype",
            .text,
            as: "dispatch_dtype",
            "element type of rows on their way to the experts"
        ),
        IndexColumn("run.payload_dtype", .text, as: "payload_dtype", "element type of outputs on their way back"),
        IndexColumn("run.combine", .text, as: "combine", "how outputs come back: copies or presum"),
        IndexColumn("run.overlap", .text, as: "overlap", "what is in flight at a time: none or two-batch"),
        IndexColumn("run.placement", .text, as: "placement", "how experts are placed on ranks"),
        IndexColumn(
            "run.transport",
            .text,
            as: "transport",
            "what tokens travelled over: ipc, tcp, or a modelled kernel"
        ),
        IndexColumn("run.hardware.profile", .text, as: "hardware", "hardware profile of a prediction"),
        IndexColumn("run.hosts.0.name", .text, as: "host", "the machine of the coordinator"),
        IndexColumn("run.hosts.0.cores", .integer, as: "cores", "cores of that machine that the run may use"),
        IndexColumn(
            "run.hosts.0.busy_processes",
            .integer,
            as: "busy_processes",
            "processes of the run on it that compute"
        ),
    ]
}
