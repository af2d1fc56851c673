/// The forms in which engines hold which slot has which expert.
public enum PlacementForm: String, CaseIterable, Sendable {
    /// `{"experts", "ranks", "first_layer", "slots": [layers][slots]}`: the one that says everything that a run needs.
    case epsim
    /// SGLang's `--init-expert-location`: `physical_to_logical_map` over all layers of the model, dense ones included.
    case sglang
    /// vLLM: `physical_to_logical_map`, `logical_to_physical_map` and `logical_replica_count` over the MoE layers.
    case vllm
    /// TensorRT-LLM's `moe_load_balancer.yaml`: `initial_global_assignments` by the number of the model's layer.
    case tensorrtLLM = "tensorrt-llm"
    /// vllm-ascend's `expert_map_path`: `layer_list` of `device_list` of `device_expert`.
    case vllmAscend = "vllm-ascend"

    /// The keys that a file of the form may have. SGLang passes its keys on as arguments, of which there is one:
    /// `sglang/srt/eplb/expert_location.py`; TensorRT-LLM's are those of `MoeLoadBalancerConfig` in `llmapi/llm_args.py`.
    var keys: [String] {
        switch self {
        case .epsim: ["experts", "ranks", "first_layer", "slots"]
        case .sglang: ["physical_to_logical_map"]
        case .vllm: ["physical_to_logical_map", "logical_to_physical_map", "logical_replica_count"]
        case .tensorrtLLM: ["initial_global_assignments", "num_slots", "layer_updates_per_iter"]
        case .vllmAscend: ["moe_layer_count", "layer_list"]
        }
    }

    /// The key by which a file of the form is known.
    var mark: String {
        switch self {
        case .epsim: "slots"
        case .sglang, .vllm: "physical_to_logical_map"
        case .tensorrtLLM: "initial_global_assignments"
        case .vllmAscend: "layer_list"
        }
    }
}
