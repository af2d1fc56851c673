public import Foundation
internal import MoE

extension CheckpointConfiguration {
    /// Reads the JSON of a `config.json`; keys that are not known are left alone.
    ///
    /// - Parameters:
    ///   - json: the text.
    ///   - path: the file's name in errors.
    /// - Throws: ``CheckpointError`` when it is not a JSON object, a value is not of the kind that its key needs, or
    ///   more experts or groups are chosen than there are.
    public init(json: Data, path: String) throws(CheckpointError) {
        let reader = try ConfigurationReader(JSONFile.decode(json, path: path), path: path)
        try readShape(reader)
        try readRouting(reader)
        try readCapacity(reader)
        try checkCounts(path)
    }

    private mutating func readShape(_ reader: ConfigurationReader) throws(CheckpointError) {
        modelType = try reader.string("model_type")
        hidden = try reader.integer("hidden_size", "d_model")
        expertFFN = try reader.integer(
            "moe_intermediate_size",
            "ffn_hidden_size",
            "d_ff",
            "intermediate_size"
        )
        layers = try reader.integer("num_hidden_layers", "n_layers", "num_layers")
        firstDenseLayers = try reader.integer("first_k_dense_replace", minimum: 0)
        activation = try reader.string("hidden_act", "activation_function", "dense_act_fn", "ffn_act_fn")
        swigluLimit = try reader.number("swiglu_limit")
        swigluAlpha = try reader.number("swiglu_alpha")
        experts = try reader.integer("n_routed_experts", "num_local_experts", "num_experts", "moe_num_experts")
        sharedExperts = try reader.integer("n_shared_experts", "moe_num_shared_experts", minimum: 0)
        sharedFFN = try reader.integer("shared_expert_intermediate_size", minimum: 0)
    }

    private mutating func readRouting(_ reader: ConfigurationReader) throws(CheckpointError) {
        for row in RouterOptions.rows { try reader.read(row, &options) }
        // DBRX's way to say that the weights stay as they are.
        if reader.isNull("moe_normalize_expert_weights") { options.normalize = false }
        // A share here, 1 included, which the option is not.
        options.jitter = try reader.number("router_jitter_noise", "moe_jitter_eps", in: 0...1)
        scoreFunction = try reader.string("scoring_func")
        topKMethod = try reader.string("topk_method")
        inputJitter = try reader.number("input_jitter_noise", in: 0...1)
    }

    private mutating func readCapacity(_ reader: ConfigurationReader) throws(CheckpointError) {
        expertCapacity = try reader.integer("expert_capacity")
        dropsTokens = try reader.flag("moe_token_dropping")
        trainCapacityFactor = try reader.number("moe_train_capacity_factor")
        evalCapacityFactor = try reader.number("moe_eval_capacity_factor")
        minimumCapacity = try reader.integer("moe_min_capacity", minimum: 0)
        evalCapacityFraction = try reader.number("moe_eval_capacity_token_fraction", in: -1...1)
        secondExpertPolicy = try reader.string("second_expert_policy")
        normalizesBeforeDrop = try reader.flag("normalize_router_prob_before_dropping")
        isBatchPrioritized = try reader.flag("batch_prioritized_routing")
        tokenDropout = try reader.number("moe_token_dropout", in: 0...1)
    }

    private func checkCounts(_ path: String) throws(CheckpointError) {
        if let experts, let topK = options.topK, topK > experts {
            let message = "chooses \(topK) experts per token; there are \(experts)"
            throw CheckpointError(path: path, message: message)
        }
        if let groups = options.groups, let kept = options.groupsKept, kept > groups {
            let message = "lets a token use \(kept) groups; there are \(groups)"
            throw CheckpointError(path: path, message: message)
        }
        if let experts, let groups = options.groups, experts % groups != 0 {
            let message = "has \(experts) experts in \(groups) groups, which cannot be equal"
            throw CheckpointError(path: path, message: message)
        }
    }
}
