internal import Foundation
public import MoE

/// What the `config.json` beside a checkpoint says about its mixture-of-experts layers; nil for what it does not say.
///
/// Families name one thing differently; each property lists the keys that it is read from, the first that is there
/// counts.
public struct CheckpointConfiguration: Equatable, Sendable {
    /// `model_type`.
    public var modelType: String?
    /// Width of a token: `hidden_size`, `d_model`.
    public var hidden: Int?
    /// Inner width of a routed expert: `moe_intermediate_size`, `ffn_hidden_size`, `d_ff`, `intermediate_size`.
    public var expertFFN: Int?
    /// Layers, dense ones included: `num_hidden_layers`, `n_layers`, `num_layers`.
    public var layers: Int?
    /// First layers without experts: `first_k_dense_replace`.
    public var firstDenseLayers: Int?
    /// The function in the experts: `hidden_act`, `activation_function`, `dense_act_fn`, `ffn_act_fn`.
    public var activation: String?
    /// Limit of gpt-oss's gate and up: `swiglu_limit`.
    public var swigluLimit: Double?
    /// Steepness of gpt-oss's sigmoid: `swiglu_alpha`.
    public var swigluAlpha: Double?

    /// Routed experts: `n_routed_experts`, `num_local_experts`, `num_experts`, `moe_num_experts`.
    public var experts: Int?
    /// Shared experts: `n_shared_experts`, `moe_num_shared_experts`.
    public var sharedExperts: Int?
    /// Inner width of the shared expert: `shared_expert_intermediate_size`.
    public var sharedFFN: Int?

    /// What it says of options of the router, by the keys in ``RouterOptions/rows``. Not all families follow all of it.
    public var options = RouterOptions()
    /// `scoring_func`: `softmax` or `sigmoid`.
    public var scoreFunction: String?
    /// `topk_method`: `greedy`, `group_limited_greedy`, `noaux_tc`.
    public var topKMethod: String?

    /// Half-width of the noise that multiplies the layer's input in training: `input_jitter_noise`.
    public var inputJitter: Double?
    /// Slots per expert: `expert_capacity`.
    public var expertCapacity: Int?
    /// Whether tokens beyond the capacity are dropped: `moe_token_dropping` (Arctic).
    public var dropsTokens: Bool?
    /// Capacity factor in training: `moe_train_capacity_factor` (Arctic).
    public var trainCapacityFactor: Double?
    /// Capacity factor in evaluation: `moe_eval_capacity_factor` (Arctic).
    public var evalCapacityFactor: Double?
    /// Least capacity: `moe_min_capacity` (Arctic).
    public var minimumCapacity: Int?
    /// Capacity in evaluation as a fraction of the tokens, none when negative: `moe_eval_capacity_token_fraction`.
    public var evalCapacityFraction: Double?
    /// Which second experts are used: `second_expert_policy`.
    public var secondExpertPolicy: String?
    /// Whether weights are renormalised before tokens are dropped: `normalize_router_prob_before_dropping`.
    public var normalizesBeforeDrop: Bool?
    /// Whether tokens compete by probability: `batch_prioritized_routing`.
    public var isBatchPrioritized: Bool?
    /// Share of expert outputs dropped out in training, by which evaluation scales them down: `moe_token_dropout`.
    public var tokenDropout: Double?

    /// Reads the file beside a checkpoint.
    ///
    /// - Parameter checkpoint: the path of a file, folder or index, as ``Checkpoint`` takes it.
    /// - Returns: nil when there is no `config.json`.
    /// - Throws: ``CheckpointError`` when it cannot be read, or a value is not of the kind that its key needs.
    public static func beside(_ checkpoint: String) throws(CheckpointError) -> CheckpointConfiguration? {
        var isFolder: ObjCBool = false
        _ = unsafe FileManager.default.fileExists(atPath: checkpoint, isDirectory: &isFolder)
        let folder = isFolder.boolValue ? checkpoint : (checkpoint as NSString).deletingLastPathComponent
        let path = (folder as NSString).appendingPathComponent("config.json")
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        return try CheckpointConfiguration(json: JSONFile.read(path: path, maximumByteCount: 1 << 24), path: path)
    }
}
