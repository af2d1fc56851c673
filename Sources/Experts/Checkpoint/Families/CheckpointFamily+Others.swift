internal import MoE

extension CheckpointFamily {
    /// All experts of a layer in a few tensors.
    static let fused: [CheckpointFamily] = [
        CheckpointFamily(
            name: "dbrx",
            modelTypes: ["dbrx"],
            layerPrefixes: ["transformer.blocks.{layer}."],
            block: "ffn.",
            router: "router.layer.weight",
            experts: [.dbrx]
        ),
        CheckpointFamily(
            name: "gpt-oss",
            modelTypes: ["gpt_oss"],
            activation: .clampedSwiglu,
            router: "router.weight",
            routerBias: "router.bias",
            experts: [.gptOss(isMXFP4: false), .gptOss(isMXFP4: true)]
        ),
        CheckpointFamily(
            name: "llama-4",
            modelTypes: ["llama4", "llama4_text"],
            layerPrefixes: ["language_model.model.layers.{layer}.", "model.layers.{layer}."],
            block: "feed_forward.",
            router: "router.weight",
            experts: [.llama4],
            shared: .projections("shared_expert.")
        ),
        CheckpointFamily(
            name: "granite",
            modelTypes: ["granitemoe"],
            block: "block_sparse_moe.",
            router: "router.layer.weight",
            experts: [
                .stacks(gateUp: "input_linear.weight", down: "output_linear.weight"),
                .projections("experts.{expert}."),
            ]
        ),
        CheckpointFamily(
            name: "jetmoe",
            modelTypes: ["jetmoe"],
            router: "router.layer.weight",
            experts: [.stacks(gateUp: "input_linear.weight", down: "output_linear.weight")],
            outputBias: "bias"
        ),
    ]

    /// Encoder-decoder models; encoder and decoder count their layers apart.
    static let encoders: [CheckpointFamily] = [
        switchTransformer("switch-transformers", layer: "encoder.block.{layer}.", block: "layer.1.mlp."),
        switchTransformer("switch-transformers-decoder", layer: "decoder.block.{layer}.", block: "layer.2.mlp."),
        nllb("nllb", layer: "model.encoder.layers.{layer}."),
        nllb("nllb-decoder", layer: "model.decoder.layers.{layer}."),
    ]

    private static func switchTransformer(_ name: String, layer: String, block: String) -> CheckpointFamily {
        CheckpointFamily(
            name: name,
            modelTypes: ["switch_transformers"],
            sharedRouter: "switch-transformers",
            activation: .relu,
            layerPrefixes: [layer],
            block: block,
            router: "router.classifier.weight",
            routerBias: "router.classifier.bias",
            experts: [.separate("experts.expert_{expert}.", gate: nil, up: "wi", down: "wo")],
            optional: [.routerBias],
            fixedChoices: 1
        )
    }

    private static func nllb(_ name: String, layer: String) -> CheckpointFamily {
        CheckpointFamily(
            name: name,
            modelTypes: ["nllb-moe"],
            aliases: [name.replacing("nllb", with: "nllb-moe")],
            sharedRouter: "nllb",
            activation: .relu,
            layerPrefixes: [layer],
            block: "ffn.",
            router: "router.classifier.weight",
            routerBias: "router.classifier.bias",
            experts: [.nllb],
            optional: [.routerBias],
            fixedChoices: 2
        )
    }
}
