import Basics
import Experts
public import MoE
public import Tensors
public import Workloads

/// The section `model`: shape and arithmetic of the stack of layers, and the source of its weights.
public struct ModelOptions: Equatable, Sendable {
    /// The catalogue entry that the shape was taken from, or nil.
    public var preset: String?
    /// The factor on the widths of the preset: hidden, expert_ffn, shared_ffn and dense_ffn.
    public var scale = WidthScale.one
    /// The checkpoint that holds the weights, absolute once resolved, or nil for weights from the seed.
    public var checkpoint: String?
    /// The family whose names and layouts the checkpoint uses; present exactly when there is a checkpoint.
    public var family: String?
    /// The layers to read from the checkpoint, as numbers once resolved; present exactly when there is a checkpoint.
    public var layer: LayerChoice?
    /// MoE layers, L.
    public var layers = 4
    /// Width of a token, H.
    public var hidden = 512
    /// Routed experts with weights per layer, E.
    public var experts = 8
    /// Experts per layer, behind those with weights, that return their input, Z.
    public var identityExperts = 0
    /// Inner width of one routed expert, F.
    public var expertFfn = 1024
    /// The activation between the matrices of an expert.
    public var activation = Activation.swiglu
    /// The limit of `clamped-swiglu`.
    public var swigluLimit = GateClamp().limit
    /// The steepness of `clamped-swiglu`.
    public var swigluAlpha = GateClamp().alpha
    /// Whether every matrix of a routed expert has a bias.
    public var expertBiases = false
    /// Inner width of all shared experts of a layer together; 0 means none.
    public var sharedFfn = 0
    /// Whether the sigmoid of a projection of the token weighs the shared experts.
    public var sharedGate = false
    /// Inner width of the dense network beside the experts; 0 means none.
    public var denseFfn = 0
    /// The factor on the sum of all outputs of a layer.
    public var outputScale = 1.0
    /// The norm of a layer's input.
    public var norm = LayerNorm.rms
    /// Number type of the experts' matrix products.
    public var dtype = NumberFormat.f32

    /// Model options with their default values.
    public init() {}

    /// Numbers of the layers in the checkpoint, in the order of the run; empty without a checkpoint.
    public var checkpointLayers: [Int] {
        if case .numbers(let numbers) = layer { numbers } else { [] }
    }

    /// The shape of the stack of layers.
    public var shape: ModelShape {
        let clamp = GateClamp(limit: swigluLimit, alpha: swigluAlpha)
        func beside(_ width: Int) -> ExpertShape? {
            width == 0 ? nil : ExpertShape(hidden: hidden, ffn: width, activation: activation, clamp: clamp)
        }
        return ModelShape(
            layers: layers,
            experts: experts,
            identityExperts: identityExperts,
            expert: ExpertShape(
                hidden: hidden,
                ffn: expertFfn,
                activation: activation,
                hasBiases: expertBiases,
                clamp: clamp
            ),
            sharedExpert: beside(sharedFfn),
            hasSharedGate: sharedGate,
            denseExpert: beside(denseFfn),
            outputScale: Float(outputScale)
        )
    }
}

extension ModelOptions {
    private static let fromPreset = Condition<ModelOptions>("model.preset", "model.preset is given") {
        $0.preset != nil
    }
    private static let fromCheckpoint = Condition<ModelOptions>("model.checkpoint", "model.checkpoint is given") {
        $0.checkpoint != nil
    }
    private static let isClamped = Condition<ModelOptions>(
        "model.activation",
        "model.activation is clamped-swiglu"
    ) {
        $0.activation == .clampedSwiglu
    }
    private static let hasShared = Condition<ModelOptions>("model.shared_ffn", "model.shared_ffn is above 0") {
        $0.sharedFfn > 0
    }

    /// The options of the section `model`: keys, allowed values and descriptions.
    static let table = OptionTable<ModelOptions>([
        Option(
            optional: "model.preset",
            \.preset,
            .words,
            "A model of the catalogue: gives the shape below and its router, which other settings override."
        ),
        Option(
            "model.scale",
            \.scale,
            .widthScale,
            "Multiplies the widths of the preset (hidden, expert_ffn, shared_ffn, dense_ffn), rounded to whole numbers.",
            when: fromPreset
        ),
        Option(
            optional: "model.checkpoint",
            \.checkpoint,
            .path,
            "Weights: a .safetensors file, a folder of them, or an index.json. Gives the shape below and the router, "
                + "which other settings override, from its tensors and the config.json beside it."
        ),
        Option(
            optional: "model.family",
            \.family,
            .checkpointFamily,
            "The family whose names and layouts the checkpoint has; a model_type is a name, too. When left out, the one that "
                + "config.json names, or without one the only one that fits; else it is forced on the checkpoint.",
            when: fromCheckpoint
        ),
        Option(
            optional: "model.layer",
            \.layer,
            .layers,
            "Layers of the checkpoint, by their numbers there; all when left out.",
            when: fromCheckpoint
        ),
        Option("model.layers", \.layers, .integer(1...LayerChoice.most), "Mixture-of-experts layers."),
        Option("model.hidden", \.hidden, .integer(1...65536), "Width of a token."),
        Option(
            "model.experts",
            \.experts,
            .integer(1...1_048_576),
            "Routed experts of each layer that have weights."
        ),
        Option(
            "model.identity_experts",
            \.identityExperts,
            .integer(0...1_048_576),
            "Experts that the router ranks behind those and that return their input: their copies go nowhere and cost no rank "
                + "anything (LongCat-Flash: 256)."
        ),
        Option(
            "model.expert_ffn",
            \.expertFfn,
            .integer(0...1_048_576),
            "Inner width of a routed expert; 0 for experts without weights that return their input."
        ),
        Option("model.activation", \.activation, .choice, "The activation between the matrices of an expert."),
        Option(
            "model.swiglu_limit",
            \.swigluLimit,
            .number(above: 0),
            "The limit of gate and up in clamped-swiglu (gpt-oss: 7).",
            when: isClamped
        ),
        Option(
            "model.swiglu_alpha",
            \.swigluAlpha,
            .number(above: 0),
            "The steepness of the sigmoid in clamped-swiglu (gpt-oss: 1.702).",
            when: isClamped
        ),
        Option(
            "model.expert_biases",
            \.expertBiases,
            .boolean,
            "Every matrix of a routed expert has a bias (gpt-oss, NLLB)."
        ),
        Option(
            "model.shared_ffn",
            \.sharedFfn,
            .integer(0...1_048_576),
            "Inner width of all shared experts of a layer together; 0 for none."
        ),
        Option(
            "model.shared_gate",
            \.sharedGate,
            .boolean,
            "The sigmoid of a projection of the token weighs the shared experts (Qwen2-MoE).",
            when: hasShared
        ),
        Option(
            "model.dense_ffn",
            \.denseFfn,
            .integer(0...1_048_576),
            "Inner width of a dense network beside the experts (Arctic, Grok-2); 0 for none."
        ),
        Option(
            "model.output_scale",
            \.outputScale,
            .number(from: 0),
            "Multiplies the sum of all outputs of a layer (Grok-2: 1/√2; NLLB: 1 - its token dropout)."
        ),
        Option(
            "model.norm",
            \.norm,
            .choice,
            "The norm of a layer's input: an RMS norm without a gain, or none."
        ),
        Option(
            "model.dtype",
            \.dtype,
            .choice(of: NumberFormat.ofProducts),
            "Number type of the experts' matrix products.",
            readBy: .only(.measured)
        ),
    ])
}

/// The norm of a layer's input before gate and experts.
public enum LayerNorm: String, CaseIterable, Sendable {
    /// Root-mean-square norm without a gain (Zhang and Sennrich 2019, arXiv 1910.07467).
    case rms
    /// No norm.
    case none
}

/// A factor on widths, as a fraction: 1/16.
public struct WidthScale: Equatable, Sendable {
    /// The factor that changes nothing.
    public static let one = WidthScale(numerator: 1, denominator: 1)

    private let numerator: Int
    private let denominator: Int

    private init(numerator: Int, denominator: Int) {
        self.numerator = numerator
        self.denominator = denominator
    }

    /// Parse `1/16`, or a whole number; nil for anything else.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { part in
            Int(part).flatMap { (1...65536).contains($0) && String($0) == part ? $0 : nil }
        }
        guard (1...2).contains(parts.count), let numerator = parts[0] else { return nil }
        guard let denominator = parts.count == 2 ? parts[1] : 1 else { return nil }
        self.init(numerator: numerator, denominator: denominator)
    }

    /// The text that reads back as this factor.
    public var text: String { denominator == 1 ? "\(numerator)" : "\(numerator)/\(denominator)" }

    /// The scaled width, rounded, at least 1.
    public func of(_ width: Int) -> Int {
        let (product, overflows) = width.multipliedReportingOverflow(by: numerator)
        return overflows ? .max : max(1, (product + denominator / 2) / denominator)
    }
}

extension ValueRule where Value == WidthScale {
    /// The rule of a factor on widths.
    static var widthScale: ValueRule {
        ValueRule(
            allowed: "a fraction such as 1/16, or a whole number, of numbers from 1 to 65536",
            form: .text,
            value: { WidthScale($0) },
            text: \.text
        )
    }
}
