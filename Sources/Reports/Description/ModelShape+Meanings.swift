public import Figures
public import MoE

extension ExpertShape: KeyMeanings {
    /// What its keys are.
    public static let meanings = [
        "activation": "What stands between its matrices.",
        "ffn":
            "Inner width of the expert, F. 0 for an expert without weights that returns its input: the copy experts of MoE++ (arXiv 2410.07348, section 3.1), the zero-computation experts of LongCat-Flash (arXiv 2509.01322, section 2.1).",
        "has_biases": "True when every matrix has a bias behind it (gpt-oss, NLLB-MoE).",
        "hidden": "Width of the token, H.",
    ]
}

extension ModelShape: KeyMeanings {
    /// What its keys are.
    public static let meanings = [
        "dense_expert": "Shape of the dense network beside the experts (Arctic, Grok-2), or null when there is none.",
        "expert": "Shape of each routed expert.",
        "experts": "Routed experts per layer, E.",
        "has_shared_gate": "True when the sigmoid of a projection of the token weighs the shared expert (Qwen2-MoE).",
        "layers": "Number of MoE layers, L.",
        "output_scale": "Multiplies the sum of all outputs of a layer (Grok-2: 1/√2; NLLB-MoE: 1 - its token dropout).",
        "shared_expert":
            "Shape of the shared expert (all shared experts of a layer fused into one width), or null when there is none.",
    ]
}
