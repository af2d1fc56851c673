import MoE

/// A catalogue entry that a run uses: the settings that it gives, and those that it leaves to be chosen.
struct Preset: Sendable {
    let name: String
    /// The catalogue file.
    let file: String
    let facts: ModelFacts

    /// The settings that follow from the facts, in any order. Whether they apply and are allowed is not decided here.
    var assignments: [Assignment] {
        let origin = Origin.preset(name, file: file)
        let router = facts.router
        let shared = facts.sharedExperts == 0 ? 0 : facts.sharedFfn
        let known: [(key: String, text: String?)] = [
            ("model.layers", facts.moeLayers.map(String.init)),
            ("model.hidden", facts.hidden.map(String.init)),
            ("model.experts", facts.experts.map(String.init)),
            ("model.expert_ffn", facts.expertFfn.map(String.init)),
            ("model.activation", facts.activation?.rawValue),
            ("model.shared_ffn", shared.map(String.init)),
            ("router.kind", router.rule?.kind?.rawValue),
            ("router.top_k", facts.topK.map(String.init)),
            ("router.normalize", router.normalize.map { String($0) }),
            ("router.scale", router.scale.map(DecimalText.text)),
            ("router.importance_loss", router.importanceLoss.map(DecimalText.text)),
            ("router.load_loss", router.loadLoss.map(DecimalText.text)),
        ]
        return known.compactMap { key, text in text.map { Assignment(key: key, text: $0, origin: origin) } }
    }

    /// What has to be chosen because the model does it in a way that this version does not run, or because nothing
    /// is published: keys, and the reason in words.
    var choices: [(keys: [String], reason: String)] {
        var choices: [(keys: [String], reason: String)] = []
        if facts.router.rule == .other {
            let summary = facts.router.summary ?? "a rule of its own"
            let keys = ["router.kind", "router.normalize", "router.scale"]
            choices.append((keys, "\(name) routes by \(summary), which no router.kind of this version does"))
        }
        if facts.router.capacityTrain != nil || facts.router.capacityEval != nil {
            choices.append((["router.drop"], "\(name) \(capacities)"))
        }
        if let gate = facts.sharedGate {
            choices.append(
                (["model.shared_ffn"], "\(name) weighs its shared experts by \(gate), which is not modelled")
            )
        }
        if let width = facts.denseResidualFfn {
            let reason = "\(name) has a dense network of width \(width) beside its experts, which is not modelled"
            choices.append((["model.shared_ffn"], reason))
        }
        let gaps = unpublished
        if !gaps.isEmpty {
            choices.append((gaps, "of \(name) the catalogue does not know \(WordList.all(gaps))"))
        }
        return choices
    }

    private var capacities: String {
        let train = facts.router.capacityTrain.map { "\(DecimalText.text($0)) in training" }
        let evaluation = facts.router.capacityEval.map { "\(DecimalText.text($0)) in evaluation" }
        let factors = WordList.all([train, evaluation].compactMap(\.self))
        return "drops copies over a capacity (factor \(factors), as its source defines it)"
    }

    private var unpublished: [String] {
        let fields: [(key: String, isKnown: Bool)] = [
            ("model.hidden", facts.hidden != nil),
            ("model.experts", facts.experts != nil),
            ("model.expert_ffn", facts.expertFfn != nil),
            ("model.activation", facts.activation != nil),
            ("model.shared_ffn", facts.sharedExperts ?? 0 == 0 || facts.sharedFfn != nil),
            ("router.top_k", facts.topK != nil),
        ]
        return fields.filter { !$0.isKnown }.map(\.key)
    }
}
