import Settings
import Basics
import MoE

/// A catalogue entry that a run uses: the settings that it gives, and those that it leaves to be chosen.
struct Preset: Sendable {
    let name: String
    /// The catalogue file.
    let file: String
    let facts: ModelFacts

    /// The settings that follow from the facts, in any order. Whether they apply and are allowed is not decided here.
    ///
    /// - Parameter isTraining: whether the router routes as in training.
    func assignments(isTraining: Bool) -> [Assignment] {
        let origin = Origin.preset(name, file: file)
        let options = facts.router.options(topK: facts.topK, isTraining: isTraining).map {
            (key: "router.\($0.rawValue)", text: $1)
        }
        return (model + [("router.kind", facts.router.rule)] + options).compactMap { key, text in
            text.map { Assignment(key: key, text: $0, origin: origin) }
        }
    }

    private var model: [(key: String, text: String?)] {
        [
            ("model.layers", facts.moeLayers.map { String($0) }),
            ("model.hidden", facts.hidden.map { String($0) }),
            ("model.experts", facts.experts.map { String($0) }),
            ("model.expert_ffn", facts.expertFfn.map { String($0) }),
            ("model.activation", facts.activation?.rawValue),
            ("model.expert_biases", facts.expertBiases.map { String($0) }),
            ("model.shared_ffn", (facts.sharedExperts == 0 ? 0 : facts.sharedFfn).map { String($0) }),
            ("model.shared_gate", facts.sharedGate.map { _ in "true" }),
            ("model.dense_ffn", facts.denseResidualFfn.map { String($0) }),
            ("model.output_scale", facts.outputScale.map(DecimalText.text)),
        ]
    }

    /// What has to be chosen because nothing is published.
    var open: [String] {
        let isTwoLevel = facts.router.rule == "hierarchical"
        let fields: [(key: String, isKnown: Bool)] = [
            ("model.hidden", facts.hidden != nil),
            ("model.experts", facts.experts != nil),
            ("model.expert_ffn", facts.expertFfn != nil),
            ("model.activation", facts.activation != nil),
            ("model.shared_ffn", facts.sharedExperts ?? 0 == 0 || facts.sharedFfn != nil),
            ("router.top_k", facts.topK != nil),
            ("router.devices", facts.router.deviceLoss == nil || facts.router.devices != nil),
            ("router.hierarchy_groups", !isTwoLevel || facts.router.hierarchyGroups != nil),
        ]
        return fields.filter { !$0.isKnown }.map(\.key)
    }
}
