import Experts
import Basics
import MoE

extension RunSchema {
    private typealias Entry = Option<RunConfiguration>
    typealias When = Condition<RunConfiguration>

    private static let fromCheckpoint = When("model.checkpoint", "model.checkpoint is given") {
        $0.model.checkpoint != nil
    }
    private static let hasShared = When("model.shared_ffn", "model.shared_ffn is above 0") { $0.model.sharedFfn > 0 }

    /// The settings of the section `model`.
    static let model: [Option<RunConfiguration>] = weights + shape + arithmetic

    private static let weights: [Entry] = [
        Entry(
            optional: "model.preset",
            \.model.preset,
            .words,
            "A model of the catalogue: gives the shape below and its router, which other settings override."
        ),
        Entry(
            optional: "model.checkpoint",
            \.model.checkpoint,
            .path,
            "Weights: a .safetensors file, a folder of them, or an index.json. Gives the shape below and the router, "
                + "which other settings override, from its tensors and the config.json beside it."
        ),
        Entry(
            optional: "model.family",
            \.model.family,
            .checkpointFamily,
            "How the checkpoint is stored; a model_type is a name, too. Found out when only one can be meant.",
            when: fromCheckpoint
        ),
        Entry(
            optional: "model.layer",
            \.model.layer,
            .layers,
            "Layers of the checkpoint, by their numbers there; all when left out.",
            when: fromCheckpoint
        ),
    ]

    private static let shape: [Entry] = [
        Entry("model.layers", \.model.layers, .integer(1...LayerChoice.most), "Mixture-of-experts layers."),
        Entry("model.hidden", \.model.hidden, .integer(1...65536), "Width of a token."),
        Entry("model.experts", \.model.experts, .integer(1...65535), "Routed experts of each layer."),
        Entry(
            "model.expert_ffn",
            \.model.expertFfn,
            .integer(0...1_048_576),
            "Inner width of a routed expert; 0 for experts without weights that return their input."
        ),
        Entry("model.activation", \.model.activation, .choice, "What stands between the matrices of an expert."),
        Entry(
            "model.expert_biases",
            \.model.expertBiases,
            .boolean,
            "Every matrix of a routed expert has a bias (gpt-oss, NLLB)."
        ),
        Entry(
            "model.shared_ffn",
            \.model.sharedFfn,
            .integer(0...1_048_576),
            "Inner width of all shared experts of a layer together; 0 for none."
        ),
        Entry(
            "model.shared_gate",
            \.model.sharedGate,
            .boolean,
            "The sigmoid of a projection of the token weighs the shared experts (Qwen2-MoE).",
            when: hasShared
        ),
        Entry(
            "model.dense_ffn",
            \.model.denseFfn,
            .integer(0...1_048_576),
            "Inner width of a dense network beside the experts (Arctic, Grok-2); 0 for none."
        ),
        Entry(
            "model.output_scale",
            \.model.outputScale,
            .number(from: 0),
            "Multiplies the sum of all outputs of a layer (Grok-2: 1/√2; NLLB: 1 - its token dropout)."
        ),
    ]

    private static let arithmetic: [Entry] = [
        Entry(
            "model.norm",
            \.model.norm,
            .choice,
            "What a layer does to its input: an RMS norm without a gain, or nothing."
        ),
        Entry("model.dtype", \.model.dtype, .choice, "Number type of the experts' matrix products."),
    ]
}
