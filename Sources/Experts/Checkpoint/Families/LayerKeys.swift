import Basics

/// The keys of `config.json` that say how many layers a model has, and which of them have experts.
struct LayerKeys: Equatable, Sendable {
    /// Keys of the number of layers, dense ones included; the first that is there counts.
    var counts = ["num_hidden_layers", "n_layers", "num_layers"]
    /// The rules, all of which a layer with experts follows. Of each list the first whose keys are there counts.
    var rules = LayerRule.ofDecoders

    /// The keys of the encoder or the decoder of a model that has both, and whose layers are sparse at a step.
    static func step(_ counts: [String], _ kind: LayerRule.Kind, _ key: String) -> LayerKeys {
        LayerKeys(counts: counts, rules: [[LayerRule(key, kind)]])
    }
}

/// What the value of a key of `config.json` says of which layers have experts.
struct LayerRule: Equatable, Sendable {
    /// The meaning of the value, for the layer of number i from 0.
    enum Kind: Equatable, Sendable {
        /// A list with a word for each layer: `dense`, or another for one with experts.
        case words
        /// The numbers of the layers with experts.
        case only
        /// The numbers of layers without experts.
        case except
        /// The first layer with experts; of several, the smallest.
        case from
        /// The last layer with experts; of several, the largest. -1 is the last of all.
        case through
        /// n where (i + 1) mod n is 0; none at 0.
        case everyNth
        /// n where i mod n is 1, or n is 1; none at 0.
        case everySecondOfN
        /// n where i mod n is 0, or a list with 1 for each layer with experts and 0 for others.
        case frequency
        /// n where i mod n is the value of another key.
        case period(offset: String)
    }

    let key: String
    let kind: Kind

    init(_ key: String, _ kind: Kind) { (self.key, self.kind) = (key, kind) }

    /// Whether the rule leaves open which layers are dense: configurations have `moe_layer_freq` 1 beside other keys.
    var isWeak: Bool { kind == .frequency }

    /// The rules of decoders, whatever the family: a key has one meaning in all of them.
    ///
    /// Sources: transformers 5.24, configurations and models of Qwen2-MoE, DeepSeek-V3, DeepSeek-V3.2, AFMoE, LFM2-MoE,
    /// Llama 4, ERNIE 4.5 and Jamba; the code that comes with DeepSeek-V2 (`moe_layer_freq`) and Arctic
    /// (`moe_layer_frequency`); lists of ERNIE 4.5 VL, its `modeling_ernie4_5_vl.py`.
    static let ofDecoders = [
        [
            LayerRule("mlp_layer_types", .words), LayerRule("first_k_dense_replace", .from),
            LayerRule("num_dense_layers", .from),
        ],
        [LayerRule("moe_layers", .only), LayerRule("interleave_moe_layer_step", .everyNth)],
        [LayerRule("moe_layer_freq", .frequency)],
        [LayerRule("moe_layer_frequency", .everyNth)],
        [LayerRule("mlp_only_layers", .except)],
        [LayerRule("decoder_sparse_step", .everyNth)],
        [LayerRule("moe_layer_start_index", .from)],
        [LayerRule("moe_layer_end_index", .through)],
        [LayerRule("moe_layer_interval", .everyNth)],
        [LayerRule("expert_layer_period", .period(offset: "expert_layer_offset"))],
    ]
}

extension CheckpointFamily {
    /// Whether a layer is there and has a dense network in the place of experts: a tensor that is neither of attention,
    /// of a norm nor of the family's own block.
    func isDense(_ layer: Int, in checkpoint: Checkpoint) -> Bool {
        prefixes(of: layer).contains { !unknownTensors(in: checkpoint, layerPrefix: $0).isEmpty }
    }

    /// Whether there is any tensor of a layer.
    func hasTensors(of layer: Int, in checkpoint: Checkpoint) -> Bool {
        prefixes(of: layer).contains { prefix in checkpoint.names.contains { $0.hasPrefix(prefix) } }
    }

    private func prefixes(of layer: Int) -> [String] {
        layerPrefixes.map { NamePattern($0, placeholder: NamePattern.layer).name(layer) }
    }
}
