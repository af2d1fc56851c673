import MoE
import Runtime
import Settings

/// A catalogue entry that a run uses: the settings that it gives, and those that it leaves to be chosen.
struct Preset: Sendable {
    let name: String
    /// The catalogue file.
    let file: String
    let facts: ModelFacts

    /// What follows from the facts. Whether it applies and is allowed is not decided here.
    ///
    /// - Parameter isTraining: whether the router routes as in training.
    func layer(isTraining: Bool) -> Layer<RunPlan> {
        let (table, source) = (RunPlan.table, Source.preset(name, file: file))
        var layer = Layer(RunPlan())
        func give<Value>(_ path: WritableKeyPath<RunPlan, Value>, _ value: Value?) {
            layer.add(value, to: path, of: table, by: source)
        }
        give(\.model.layers, facts.moeLayers)
        give(\.model.hidden, facts.hidden)
        give(\.model.experts, facts.experts)
        give(\.model.expertFfn, facts.expertFfn)
        give(\.model.activation, facts.activation)
        give(\.model.expertBiases, facts.expertBiases)
        give(\.model.sharedFfn, facts.sharedExperts == 0 ? 0 : facts.sharedFfn)
        give(\.model.sharedGate, facts.sharedGate.map { _ in true })
        give(\.model.denseFfn, facts.denseResidualFfn)
        give(\.model.outputScale, facts.outputScale)
        give(\.router.kind, facts.router.rule)
        var values = RunPlan()
        values.router.options = facts.router.options(isTraining: isTraining)
        values.router.options.topK = values.router.options.topK ?? facts.topK
        layer.add(RunPlan.routerOptions, from: values, by: source)
        return layer
    }

    /// What has to be chosen because nothing is published.
    var open: [String] {
        let options = facts.router.options
        let isTwoLevel = facts.router.rule == "hierarchical"
        let fields: [(key: String, isKnown: Bool)] = [
            ("model.hidden", facts.hidden != nil),
            ("model.experts", facts.experts != nil),
            ("model.expert_ffn", facts.expertFfn != nil),
            ("model.activation", facts.activation != nil),
            ("model.shared_ffn", facts.sharedExperts ?? 0 == 0 || facts.sharedFfn != nil),
            ("router.top_k", facts.topK != nil),
            ("router.devices", options.deviceLoss == nil || options.devices != nil),
            ("router.hierarchy_groups", !isTwoLevel || options.hierarchyGroups != nil),
        ]
        return fields.filter { !$0.isKnown }.map(\.key)
    }
}
