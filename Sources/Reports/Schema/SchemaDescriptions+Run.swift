extension SchemaDescriptions {
    /// What was run, where and with what.
    static let ofRun: [String: String] = [
        "CheckpointDescription.family": "The family whose names and layouts were used, for example `mixtral`.",
        "CheckpointDescription.file": "Name of the file, folder or index; `config.yaml` has its path.",
        "CheckpointDescription.layers": "Numbers of the layers in the checkpoint, in the order of the run.",
        "ExpertShape.activation": "What stands between its matrices.",
        "ExpertShape.ffn":
            "Inner width of the expert, F. 0 for an expert without weights that returns its input: the copy "
            + "experts of MoE++ (arXiv 2410.07348, section 3.1), the zero-computation experts of LongCat-Flash "
            + "(arXiv 2509.01322, section 2.1).",
        "ExpertShape.has_biases": "True when every matrix has a bias behind it (gpt-oss, NLLB-MoE).",
        "ExpertShape.hidden": "Width of the token, H.",
        "HardwareDescription.assumed_constants":
            "Constants of the profile that the prediction used and that nobody measured on this hardware.",
        "HardwareDescription.kernel": "How tokens travel, for example `normal`.",
        "HardwareDescription.memory_bytes": "Bytes of memory of a rank.",
        "HardwareDescription.memory_needed_bytes": "Bytes that the rank with most to hold needs.",
        "HardwareDescription.nodes": "Number of nodes.",
        "HardwareDescription.products": "Number type of the experts' products, for example `fp8`.",
        "HardwareDescription.profile": "Name of the hardware profile, for example `H100-SXM`.",
        "HardwareDescription.ranks_per_node": "Ranks of a node.",
        "HardwareDescription.summary": "What it is, in one line.",
        "HostDescription.busy_processes":
            "Processes of the run on it that compute: workers, and the coordinator where it runs there.",
        "HostDescription.cores": "Processor cores that the run may use.",
        "HostDescription.memory_bytes": "Memory, in bytes, where known.",
        "HostDescription.name": "Its name, as the ranks on it give it.",
        "HostDescription.system": "Operating system and processor, for example `Debian 12, AMD EPYC 9R14`.",
        "ModelShape.dense_expert":
            "Shape of the dense network beside the experts (Arctic, Grok-2), or null when there is none.",
        "ModelShape.expert": "Shape of each routed expert.",
        "ModelShape.experts": "Routed experts per layer, E.",
        "ModelShape.has_shared_gate":
            "True when the sigmoid of a projection of the token weighs the shared expert (Qwen2-MoE).",
        "ModelShape.layers": "Number of MoE layers, L.",
        "ModelShape.output_scale":
            "Multiplies the sum of all outputs of a layer (Grok-2: 1/√2; NLLB-MoE: 1 - its token dropout).",
        "ModelShape.shared_expert":
            "Shape of the shared expert (all shared experts of a layer fused into one width), or null when "
            + "there is none.",
        "RankDescription.clock_offset_seconds":
            "How far its clock is ahead of the coordinator's, in seconds; 0 on one host.",
        "RankDescription.clock_uncertainty_seconds": "How far the offset may be off, in seconds; 0 on one host.",
        "RankDescription.experts_per_layer": "Experts that it held, per layer, `[layers]`.",
        "RankDescription.host": "Name of its host.",
        "RankDescription.kernels":
            "The matrix kernels that ran, as their library names them, for example `brgemm:avx512_core`.",
        "RankDescription.pid": "Process id on its host.",
        "RankDescription.rank": "The rank.",
        "RankDescription.weight_bytes": "Bytes of its experts' weights.",
        "RunDescription.checkpoint": "Where the weights come from, or null when they are random.",
        "RunDescription.clock": "The clock of every time in the report.",
        "RunDescription.combine": "How outputs come back: `copies`, or `presum` where workers sum those of a token.",
        "RunDescription.command_line": "The command as it was typed, one element per argument.",
        "RunDescription.config_name": "The configuration, by its path or name.",
        "RunDescription.dispatch_dtype": "Element type of rows on their way to the experts, for example `fp8`.",
        "RunDescription.epsim_version": "Version of epsim.",
        "RunDescription.expert_dtype": "Element type of the experts' products, for example `f32`.",
        "RunDescription.hardware": "The cluster that a prediction is for, or null for a live run.",
        "RunDescription.hosts": "The machines, the coordinator's first.",
        "RunDescription.id": "Id of the run and name of its folder.",
        "RunDescription.model": "The stack of layers.",
        "RunDescription.overlap":
            "What is in flight at a time: `none` for one layer of the whole step, or `two-batch`.",
        "RunDescription.padding":
            "To what queues are padded where the router's system pads them, for example `blocks of 128 "
            + "rows`, or null.",
        "RunDescription.payload_dtype": "Element type of outputs on their way back, for example `bf16`.",
        "RunDescription.placement": "How experts are placed on ranks, for example `contiguous`.",
        "RunDescription.router": "The router in one line, for example `softmax-top-k, top 2, renormalised, dropless`.",
        "RunDescription.router_learns":
            "True when the router changes from step to step by what it sees, as one with a selection bias "
            + "does.",
        "RunDescription.seed": "The seed of weights, synthetic input and noise.",
        "RunDescription.started_at": "Start of the run, UTC, ISO 8601.",
        "RunDescription.steps": "Measured steps that were asked for, without warm-up.",
        "RunDescription.transport": "What tokens travelled over, for example `ipc`.",
        "RunDescription.warmup_steps": "Steps that ran before the first measured one.",
        "RunDescription.workers": "The workers, in rank order.",
        "RunDescription.workload": "What tokens there were.",
        "WorkloadDescription.cycles":
            "How often the run went through a real input, or null for input that has no end; above 1 it was "
            + "cycled.",
        "WorkloadDescription.summary":
            "One line, for example `activations from minilm.safetensors: 4096 tokens, cycled 2.5 times`.",
        "WorkloadDescription.tokens_per_step": "Tokens of a step.",
    ]
}
