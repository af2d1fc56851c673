import Settings
import Basics
internal import Experts
internal import MoE

/// What a checkpoint says about the run that uses it: the settings that it gives.
struct CheckpointFacts: Sendable {
    /// The checkpoint, absolute.
    let path: String
    let family: CheckpointFamily
    /// Numbers of its layers, in the order of the run.
    let layers: [Int]
    /// The stack that they make.
    let shape: ModelShape
    /// The config.json beside it, or nil when there is none.
    let configuration: CheckpointConfiguration?

    /// Where the settings come from.
    var origin: Origin { .checkpoint(path) }

    /// The settings that follow from it. Whether they apply is not decided here.
    var assignments: [Assignment] { identity + sizes + router }

    private var identity: [Assignment] {
        assign([("model.family", family.name), ("model.layer", LayerChoice.numbers(layers).text)])
    }

    /// The settings that its tensors decide: another explicit value is a mistake.
    var sizes: [Assignment] {
        assign([
            ("model.layers", String(shape.layers)),
            ("model.hidden", String(shape.hidden)),
            ("model.experts", String(shape.experts)),
            ("model.expert_ffn", String(shape.expert.ffn)),
            ("model.activation", shape.expert.activation.rawValue),
            ("model.expert_biases", String(shape.expert.hasBiases)),
            ("model.shared_ffn", String(shape.sharedExpert?.ffn ?? 0)),
            ("model.shared_gate", shape.sharedExpert.map { _ in String(shape.hasSharedGate) }),
            ("model.dense_ffn", String(shape.denseExpert?.ffn ?? 0)),
        ])
    }

    private var router: [Assignment] {
        let rows: [(RouterOption, String?)] = CheckpointRouter(family: family, configuration: configuration).options
        let options = rows.map { ("router.\($0.rawValue)", $1) }
        let scale = configuration?.tokenDropout.map { 1 - $0 } ?? family.outputScale
        return assign([("model.output_scale", DecimalText.text(scale)), ("router.kind", family.routerName)] + options)
    }

    private func assign(_ known: [(key: String, text: String?)]) -> [Assignment] {
        known.compactMap { key, text in text.map { Assignment(key: key, text: $0, origin: origin) } }
    }
}
