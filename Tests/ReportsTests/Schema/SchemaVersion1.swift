/// What `report.json` of schema_version 1 had when its schema was first published. Lines are never changed or taken away.
enum SchemaVersion1 {
    /// Each place with what may stand there.
    static let places: [String] = """
        clock one of measured|modelled
        communication object
        communication.bytes object
        communication.bytes.combine integer
        communication.bytes.combine_per_step number or null
        communication.bytes.dispatch integer
        communication.bytes.dispatch_per_step number or null
        communication.exposed_seconds number or null
        communication.exposed_share number or null
        communication.exposed_without_overlap_seconds number or null
        communication.exposed_without_overlap_share number or null
        communication.total_seconds number or null
        communication.total_share number or null
        communication.traffic object
        communication.traffic.deduplicated_bytes array
        communication.traffic.deduplicated_bytes_between_ranks number or null
        communication.traffic.naive_bytes array
        communication.traffic.naive_bytes_between_ranks number or null
        coordinator object
        coordinator.combine_seconds number or null
        coordinator.gate_seconds number or null
        coordinator.message_seconds number or null
        coordinator.permute_seconds number or null
        coordinator.share number or null
        coordinator.total_seconds number or null
        definitions map
        limits object or null
        limits.balance_saving number
        limits.busiest_layers integer or null
        limits.busiest_rank integer or null
        limits.busiest_ratio number or null
        limits.communication_saving number
        limits.compute_saving number
        limits.launch_saving number
        limits.layers integer
        limits.link_saving number
        limits.nic_saving number
        limits.straggler_saving number or null
        load object
        load.dropped object
        load.dropped.copies integer
        load.dropped.fraction number or null
        load.dropped.largest_fraction number or null
        load.dropped.largest_token_fraction number or null
        load.dropped.token_fraction number or null
        load.dropped.tokens integer
        load.expert object
        load.expert.cv object
        load.expert.cv.max number or null
        load.expert.cv.mean number or null
        load.expert.cv.p50 number or null
        load.expert.cv.p90 number or null
        load.expert.cv_squared object
        load.expert.cv_squared.max number or null
        load.expert.cv_squared.mean number or null
        load.expert.cv_squared.p50 number or null
        load.expert.cv_squared.p90 number or null
        load.expert.imbalance object
        load.expert.imbalance.max number or null
        load.expert.imbalance.mean number or null
        load.expert.imbalance.p50 number or null
        load.expert.imbalance.p90 number or null
        load.expert.maxvio object
        load.expert.maxvio.max number or null
        load.expert.maxvio.mean number or null
        load.expert.maxvio.p50 number or null
        load.expert.maxvio.p90 number or null
        load.importance object
        load.importance.cv object
        load.importance.cv.max number or null
        load.importance.cv.mean number or null
        load.importance.cv.p50 number or null
        load.importance.cv.p90 number or null
        load.importance.cv_squared object
        load.importance.cv_squared.max number or null
        load.importance.cv_squared.mean number or null
        load.importance.cv_squared.p50 number or null
        load.importance.cv_squared.p90 number or null
        load.losses array
        load.losses[].coefficient number or null
        load.losses[].name string
        load.losses[].value object
        load.losses[].value.max number or null
        load.losses[].value.mean number or null
        load.losses[].value.p50 number or null
        load.losses[].value.p90 number or null
        load.losses[].value_at_balance number or null
        load.padding object
        load.padding.copies_per_step number or null
        load.padding.extra_fraction number or null
        load.padding.largest_extra_fraction number or null
        load.padding.rows_per_step number or null
        load.rank object
        load.rank.balancedness object
        load.rank.balancedness.max number or null
        load.rank.balancedness.mean number or null
        load.rank.balancedness.p50 number or null
        load.rank.balancedness.p90 number or null
        load.rank.imbalance object
        load.rank.imbalance.max number or null
        load.rank.imbalance.mean number or null
        load.rank.imbalance.p50 number or null
        load.rank.imbalance.p90 number or null
        load.smooth_load object
        load.smooth_load.cv object
        load.smooth_load.cv.max number or null
        load.smooth_load.cv.mean number or null
        load.smooth_load.cv.p50 number or null
        load.smooth_load.cv.p90 number or null
        load.smooth_load.cv_squared object
        load.smooth_load.cv_squared.max number or null
        load.smooth_load.cv_squared.mean number or null
        load.smooth_load.cv_squared.p50 number or null
        load.smooth_load.cv_squared.p90 number or null
        output object
        output.sha256 string or null
        per_step array
        per_step[].dropped_fraction number or null
        per_step[].expert_cv number or null
        per_step[].expert_imbalance number or null
        per_step[].losses array
        per_step[].losses[].name string
        per_step[].losses[].value number or null
        per_step[].maxvio number or null
        per_step[].rank_imbalance number or null
        per_step[].seconds number
        per_step[].step integer
        per_step[].tokens integer
        per_step[].tokens_without_expert number or null
        prediction object or null
        prediction.hardware string
        prediction.phases array
        prediction.phases[].phase one of gate|dispatch|queue|compute|combine|wait|shared|merge
        prediction.phases[].seconds number
        prediction.processor_seconds number
        prediction.step_error number or null
        prediction.step_seconds number
        rank_totals array
        rank_totals[].combine_bytes number
        rank_totals[].copies number
        rank_totals[].dispatch_bytes number
        rank_totals[].experts integer
        rank_totals[].imbalance number or null
        rank_totals[].layer integer or null
        rank_totals[].rank integer
        rank_totals[].seconds object
        rank_totals[].seconds.combine number
        rank_totals[].seconds.compute number
        rank_totals[].seconds.dispatch number
        rank_totals[].seconds.queue number
        rank_totals[].seconds.wait number
        rank_totals[].share number or null
        rank_totals[].shared_tokens number
        ranks array
        ranks[].combine_bytes number
        ranks[].copies number
        ranks[].dispatch_bytes number
        ranks[].experts integer
        ranks[].imbalance number or null
        ranks[].layer integer or null
        ranks[].rank integer
        ranks[].seconds object
        ranks[].seconds.combine number
        ranks[].seconds.compute number
        ranks[].seconds.dispatch number
        ranks[].seconds.queue number
        ranks[].seconds.wait number
        ranks[].share number or null
        ranks[].shared_tokens number
        reasons array
        requirements array
        requirements[].actual number or null
        requirements[].is_met boolean
        requirements[].requirement string
        run object
        run.checkpoint object or null
        run.checkpoint.family string
        run.checkpoint.file string
        run.checkpoint.layers array
        run.clock one of measured|modelled
        run.combine string
        run.command_line array
        run.config_name string
        run.dispatch_dtype string
        run.epsim_version string
        run.expert_dtype string
        run.hardware object or null
        run.hardware.assumed_constants array
        run.hardware.kernel string
        run.hardware.memory_bytes number
        run.hardware.memory_needed_bytes number
        run.hardware.nodes integer
        run.hardware.products string
        run.hardware.profile string
        run.hardware.ranks_per_node integer
        run.hardware.summary string
        run.hosts array
        run.hosts[].busy_processes integer
        run.hosts[].cores integer
        run.hosts[].memory_bytes integer or null
        run.hosts[].name string
        run.hosts[].system string
        run.id string
        run.model object
        run.model.dense_expert object
        run.model.dense_expert.activation one of swiglu|geglu|clamped-swiglu|gelu|relu
        run.model.dense_expert.ffn integer
        run.model.dense_expert.has_biases boolean
        run.model.dense_expert.hidden integer
        run.model.expert object
        run.model.expert.activation one of swiglu|geglu|clamped-swiglu|gelu|relu
        run.model.expert.ffn integer
        run.model.expert.has_biases boolean
        run.model.expert.hidden integer
        run.model.experts integer
        run.model.has_shared_gate boolean
        run.model.layers integer
        run.model.output_scale number
        run.model.shared_expert object
        run.model.shared_expert.activation one of swiglu|geglu|clamped-swiglu|gelu|relu
        run.model.shared_expert.ffn integer
        run.model.shared_expert.has_biases boolean
        run.model.shared_expert.hidden integer
        run.overlap string
        run.padding string or null
        run.payload_dtype string
        run.placement string
        run.router string
        run.router_learns boolean
        run.seed integer
        run.started_at string
        run.steps integer
        run.transport string
        run.warmup_steps integer
        run.workers array
        run.workers[].clock_offset_seconds number
        run.workers[].clock_uncertainty_seconds number
        run.workers[].experts_per_layer array
        run.workers[].host string
        run.workers[].kernels array
        run.workers[].pid integer
        run.workers[].rank integer
        run.workers[].weight_bytes integer
        run.workload object
        run.workload.cycles number or null
        run.workload.summary string
        run.workload.tokens_per_step integer
        samples object
        samples.expected integer
        samples.recorded integer
        schema_version integer
        seed integer
        status one of valid|invalid|failed|interrupted
        steps integer
        time object
        time.phases array
        time.phases[].phase one of gate|dispatch|queue|compute|combine|wait|shared|merge
        time.phases[].seconds number
        time.phases[].share number or null
        time.residual object
        time.residual.limit_seconds number or null
        time.residual.mean_limit_seconds number or null
        time.residual.mean_seconds number or null
        time.residual.mean_share number or null
        time.residual.missed_share number or null
        time.residual.missed_steps integer
        time.residual.rank integer or null
        time.residual.step integer or null
        time.residual.worst_seconds number or null
        time.shared_compute_seconds number or null
        time.shared_compute_share number or null
        time.step_seconds object
        time.step_seconds.max number or null
        time.step_seconds.mean number or null
        time.step_seconds.p50 number or null
        time.step_seconds.p90 number or null
        tokens_per_second object
        tokens_per_second.max number or null
        tokens_per_second.mean number or null
        tokens_per_second.p50 number or null
        tokens_per_second.p90 number or null
        verification object
        verification.checked_tokens integer or null
        verification.relative_error number or null
        verification.wrong_tokens integer or null
        warnings array
        workers integer
        """.split(separator: "\n").map(String.init)
}
