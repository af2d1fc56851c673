import Runtime
internal import Experts
internal import MoE
import Settings

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
    var source: Source { .checkpoint(path) }

    /// What follows from it. Whether it applies is not decided here.
    var layer: Layer<RunPlan> {
        var layer = sizes
        add(family.name, \.model.family, to: &layer)
        add(.numbers(layers), \.model.layer, to: &layer)
        add(configuration?.tokenDropout.map { 1 - $0 } ?? family.outputScale, \.model.outputScale, to: &layer)
        add(family.routerName, \.router.kind, to: &layer)
        var values = RunPlan()
        values.router.options = CheckpointRouter(family: family, configuration: configuration).options
        layer.add(RunPlan.routerOptions, from: values, by: source)
        return layer
    }

    /// What its tensors decide: another explicit value is a mistake.
    var sizes: Layer<RunPlan> {
        var layer = Layer(RunPlan())
        add(shape.layers, \.model.layers, to: &layer)
        add(shape.hidden, \.model.hidden, to: &layer)
        add(shape.experts, \.model.experts, to: &layer)
        add(shape.expert.ffn, \.model.expertFfn, to: &layer)
        add(shape.expert.activation, \.model.activation, to: &layer)
        add(shape.expert.hasBiases, \.model.expertBiases, to: &layer)
        add(shape.sharedExpert?.ffn ?? 0, \.model.sharedFfn, to: &layer)
        add(shape.sharedExpert.map { _ in shape.hasSharedGate }, \.model.sharedGate, to: &layer)
        add(shape.denseExpert?.ffn ?? 0, \.model.denseFfn, to: &layer)
        return layer
    }

    private func add<Value>(
        _ value: Value?,
        _ path: WritableKeyPath<RunPlan, Value>,
        to layer: inout Layer<RunPlan>
    ) {
        layer.add(value, to: path, of: RunPlan.table, by: source)
    }
}
