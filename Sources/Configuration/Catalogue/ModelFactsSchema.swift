import MoE
import Basics

/// The keys of a catalogue entry. A new fact is one line here and one property.
enum ModelFactsSchema {
    static let schema = OptionTable(model + router)

    private typealias Fact = Option<ModelFacts>

    private static let model: [Fact] = [
        Fact("source", \.source, .words, required: true),
        Fact("alias_of", \.aliasOf, .words),
        Fact("published_total", \.publishedTotal, .words),
        Fact("published_active", \.publishedActive, .words),
        Fact("hidden", \.hidden, .integer(1...1_000_000_000)),
        Fact("layers", \.layers, .integer(1...1_000_000_000)),
        Fact("encoder_layers", \.encoderLayers, .integer(1...1_000_000_000)),
        Fact("decoder_layers", \.decoderLayers, .integer(1...1_000_000_000)),
        Fact("structure", \.structure, .words),
        Fact("moe_layers", \.moeLayers, .integer(1...1_000_000_000), required: true),
        Fact("dense_ffn", \.denseFfn, .integer(1...1_000_000_000)),
        Fact("experts", \.experts, .integer(1...1_000_000_000)),
        Fact("top_k", \.topK, .integer(1...1_000_000_000)),
        Fact("expert_ffn", \.expertFfn, .integer(1...1_000_000_000)),
        Fact("activation", \.activation, .choice),
        Fact("activation_note", \.activationNote, .words),
        Fact("expert_biases", \.expertBiases, .boolean),
        Fact("shared_experts", \.sharedExperts, .integer(0...1_000_000_000)),
        Fact("shared_ffn", \.sharedFfn, .integer(1...1_000_000_000)),
        Fact("shared_gate", \.sharedGate, .words),
        Fact("dense_residual_ffn", \.denseResidualFfn, .integer(1...1_000_000_000)),
        Fact("output_scale", \.outputScale, .number(above: 0)),
        Fact("vocab", \.vocab, .integer(1...1_000_000_000)),
        Fact("tied", \.tied, .boolean),
        Fact("computed_expert_total", \.computedExpertTotal, .integer(1...Int.max)),
        Fact("computed_total", \.computedTotal, .integer(1...Int.max)),
        Fact("computed_active", \.computedActive, .integer(1...Int.max)),
        Fact("note", \.note, .words),
    ]

    private static let router: [Fact] = [
        Fact("router.rule", \.router.rule, .router, required: true),
        Fact("router.score", \.router.score, .words),
        Fact("router.normalize", \.router.normalize, .boolean),
        Fact("router.normalize_note", \.router.normalizeNote, .words),
        Fact("router.scale", \.router.scale, .number(above: 0)),
        Fact("router.method", \.router.method, .words),
        Fact("router.groups", \.router.groups, .integer(1...1_000_000_000)),
        Fact("router.top_groups", \.router.topGroups, .integer(1...1_000_000_000)),
        Fact("router.group_score", \.router.groupScore, .words),
        Fact("router.hierarchy", \.router.hierarchy, .words),
        Fact("router.hierarchy_groups", \.router.hierarchyGroups, .integer(1...1_000_000_000)),
        Fact("router.logit_bias", \.router.logitBias, .boolean),
        Fact("router.second_choice", \.router.secondChoice, .words),
        Fact("router.importance_loss", \.router.importanceLoss, .number(from: 0)),
        Fact("router.load_loss", \.router.loadLoss, .number(from: 0)),
        Fact("router.aux_loss", \.router.auxLoss, .number(from: 0)),
        Fact("router.aux_loss_hub", \.router.auxLossHub, .number(from: 0)),
        Fact("router.aux_level", \.router.auxLevel, .words),
        Fact("router.z_loss", \.router.zLoss, .number(from: 0)),
        Fact("router.sequence_loss", \.router.sequenceLoss, .number(from: 0)),
        Fact("router.expert_loss", \.router.expertLoss, .number(from: 0)),
        Fact("router.device_loss", \.router.deviceLoss, .number(from: 0)),
        Fact("router.communication_loss", \.router.communicationLoss, .number(from: 0)),
        Fact("router.devices", \.router.devices, .integer(1...1_000_000_000)),
        Fact("router.device_capacity", \.router.deviceCapacity, .number(above: 0)),
        Fact("router.bias_step", \.router.biasStep, .number(from: 0)),
        Fact("router.bias_step_late", \.router.biasStepLate, .number(from: 0)),
        Fact("router.jitter", \.router.jitter, .number(from: 0)),
        Fact("router.dropless", \.router.dropless, .boolean),
        Fact("router.drop", \.router.drop, .choice),
        Fact("router.capacity_train", \.router.capacityTrain, .number(above: 0)),
        Fact("router.capacity_eval", \.router.capacityEval, .number(above: 0)),
        Fact("router.min_capacity", \.router.minCapacity, .integer(0...1_000_000_000)),
        Fact("router.group_size", \.router.groupSize, .integer(1...1_000_000_000)),
        Fact("router.note", \.router.note, .words),
    ]
}

extension Option where Root == ModelFacts {
    /// A fact that may be unknown.
    fileprivate init<Value>(
        _ key: String,
        _ path: any WritableKeyPath<Root, Value?> & Sendable,
        _ rule: ValueRule<Value>,
        required: Bool = false
    ) {
        self.init(optional: key, path, rule, "", required: required)
    }
}
