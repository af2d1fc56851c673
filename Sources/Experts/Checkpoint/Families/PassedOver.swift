import Basics

/// The tensors of a layer that are no part of its feed-forward network, by their names behind the layer's prefix.
///
/// Whatever stands in a layer is either in a family's row, or here, or an error: a shared network beside the block that
/// nobody knows of would be missing from every output.
enum PassedOver {
    /// First parts of the names of what mixes tokens: attention, and what stands in its place.
    ///
    /// Sources: transformers 5.24, modeling files of the families, `conv` is LFM2's; Grok-2: SGLang, models/grok.py; `mamba` of Jamba;
    /// `norm_attn_norm` of DBRX holds attention and both norms; the two names in capitals are T5's, in Switch.
    private static let mixers: Set<String> = [
        "self_attn", "self_attention", "attn", "attention", "cross_attention", "cross_attn", "encoder_attn",
        "linear_attn", "conv", "mamba", "norm_attn_norm", "SelfAttention", "EncDecAttention",
    ]

    /// Names of norms around attention and feed-forward network.
    private static let norms: Set<String> = [
        "input_layernorm", "pre_attention_layernorm", "post_attention_layernorm", "pre_mlp_layernorm",
        "post_mlp_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm", "attn_norm", "mlp_norm",
        "pre_ff_layernorm", "self_attn_layer_norm", "cross_attention_layer_norm", "encoder_attn_layer_norm",
        "ff_layer_norm", "final_layer_norm", "layer_norm", "attention_norm", "ffn_norm", "pre_attn_norm",
        "post_attn_norm", "pre_moe_norm", "post_moe_norm", "operator_norm", "ln_1", "ln_2", "norm1", "norm2",
    ]

    /// Whether a tensor is passed over.
    ///
    /// - Parameter name: its name behind the prefix of the layer. T5 numbers the parts of a layer: `layer.0.`; LongCat its
    ///   two attentions and their norms: `input_layernorm.1.weight`.
    static func covers(_ name: Substring) -> Bool {
        var parts = name.split(separator: ".", omittingEmptySubsequences: false)[...]
        if parts.count > 2, parts[0] == "layer", parts[1].allSatisfy(\.isNumber) { parts = parts.dropFirst(2) }
        guard let first = parts.first.map(String.init), parts.count > 1 else { return false }
        if mixers.contains(first) { return true }
        let between = parts.dropFirst().dropLast()
        return norms.contains(first) && between.count <= 1 && between.allSatisfy { $0.allSatisfy(\.isNumber) }
            && ["weight", "bias"].contains(parts[parts.endIndex - 1])
    }

    /// Parts of names outside the layers of a language model: towers of composite models and what joins them, layers
    /// for multi-token prediction, tables of embeddings.
    ///
    /// Sources: transformers 5.24, modeling files of the composite models whose language model is a family's.
    private static let towers: Set<String> = [
        "visual", "vision", "vision_tower", "vision_model", "vision_encoder", "vision_embed_tokens", "audio",
        "audio_tower", "talker", "token2wav", "code2wav", "mtp", "mtp_block", "mtp_emb_norm", "mtp_hidden_norm",
        "mtp_linear_proj", "multi_modal_projector", "mm_projector", "projector", "mlp1", "aligner", "resampler",
        "resampler_model", "connector", "embed_tokens", "embeddings", "lm_head",
    ]

    /// Whether a tensor belongs to a part of a model that is known and has no layers of the language model.
    static func isOfTower(_ name: String) -> Bool {
        name.split(separator: ".").prefix(3).contains { towers.contains(String($0)) }
    }
}

extension CheckpointFamily {
    /// A sentence about tensors of layers that stand elsewhere than the model's, as those of a second model or of an
    /// optimiser do: they are not read. Nil where there are none.
    func strangers(in checkpoint: Checkpoint) -> String? {
        guard let used = layers(of: checkpoint).first?.prefix else { return nil }
        let siblings = Self.all.filter { $0.modelTypes == modelTypes }.flatMap(\.layerPrefixes)
        let known = siblings.map { NamePattern($0, placeholder: NamePattern.layer).prefix }
            .filter { used.hasPrefix($0) || !Self.decoderPrefixes.contains($0 + NamePattern.layer + ".") }
        var counts: [String: Int] = [:]
        for name in checkpoint.names where !known.contains(where: name.hasPrefix) && !PassedOver.isOfTower(name) {
            let parts = name.split(separator: ".")
            guard let number = parts.firstIndex(where: { $0.allSatisfy(\.isNumber) }) else { continue }
            counts[parts[..<number].joined(separator: "."), default: 0] += 1
        }
        guard !counts.isEmpty else { return nil }
        let places = counts.keys.sorted().prefix(4).map { "\(Quoted.text($0)) (\(counts[$0, default: 0]))" }
        let more = counts.count > places.count ? " and \(counts.count - places.count) more" : ""
        return "tensors outside the layers of family \(name) are not read: \(places.joined(separator: ", "))\(more)"
    }
}
