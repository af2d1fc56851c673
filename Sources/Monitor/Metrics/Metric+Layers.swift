internal import Figures

extension Metric {
    /// How even the load of each layer is, and what it drops: the figures of steps and the counters of the catalogue.
    static let ofLayers =
        spreads.map { lastStep(key: $0.key, figure: $0.figure) }
        + spreads.map { allSteps(key: $0.key, figure: $0.figure) } + Counter.all.filter(\.amount.isPerLayer).map(count)

    private static let spreads = StepFigures.columns.filter { $0.figure.form == .spread && $0.figure.isCompared }

    private static func lastStep(key: String, figure: Figure) -> Metric {
        let help = "\(figure.title), \(figure.formula), in the last step that counts: \(figure.definition)."
        return Metric(name(key, "ratio"), .gauge, labels: ["layer"], help) { name, state, text in
            for (label, layers) in state.labelledLayers {
                if let value = Average.of(layers.compactMap { $0[each: figure].last }) {
                    text.sample(name, label, value)
                }
            }
        }
    }

    private static func allSteps(key: String, figure: Figure) -> Metric {
        let help =
            "As \(name(key, "ratio")), over all steps: sum / count is their mean, as \(figure.path) of a report."
        return Metric(name(key, "over_steps_ratio"), .summary, labels: ["layer"], help) { name, state, text in
            for (label, layers) in state.labelledLayers {
                let values = layers.map { $0[each: figure] }
                text.summary(
                    name,
                    label,
                    sum: values.reduce(0) { $0 + $1.sum },
                    count: values.reduce(0) { $0 + $1.count }
                )
            }
        }
    }

    private static func count(_ counter: Counter) -> Metric {
        Metric("epsim_\(counter.name)_total", .counter, labels: ["layer"], counter.amount.meaning) {
            name,
            state,
            text in
            for (label, layers) in state.labelledLayers {
                text.sample(name, label, layers.reduce(0) { $0 + Int($1[counter]) })
            }
        }
    }

    private static func name(_ key: String, _ suffix: String) -> String {
        "epsim_\(key)_\(suffix)"
    }
}

extension LiveState {
    /// The layers by the label that they have in Prometheus.
    fileprivate var labelledLayers: [(label: String, layers: ArraySlice<FigureAccumulator>)] {
        guard grouping.namesLayers else { return [("layer=\"\(LabelGrouping.together)\"", layerFigures[...])] }
        return layerFigures.indices.map { ("layer=\"\($0)\"", layerFigures[$0...$0]) }
    }
}
