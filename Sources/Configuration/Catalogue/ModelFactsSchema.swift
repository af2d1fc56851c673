import Basics
import MoE

/// The keys of a catalogue entry: a new fact is one line here and one property, options of the router are those of their
/// own table.
enum ModelFactsSchema {
    static let schema = OptionTable(model + router, maps: ["router.remarks": \.router.remarks])

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

    private static let router: [Fact] =
        [Fact("router.rule", \.router.rule, .router, required: true)]
        + RouterOptions.rows.map { Fact($0.option, at: \.router.options, prefix: "router.", required: false) }
        + RouterOptions.rows.map {
            Fact($0.option, at: \.router.evaluation, prefix: "router.evaluation.", required: false)
        }
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
