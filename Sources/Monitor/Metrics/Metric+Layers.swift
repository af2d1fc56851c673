internal import Figures

extension Metric {
    /// How even the load of each layer is, and what it drops: the figures of steps and the counters of the catalogue.
    static let ofLayers =
        spreads.map(lastStep) + spreads.map(allSteps) + Counter.all.filter(\.amount.isPerLayer).map(count)

    private static let spreads = StepFigures.figures.filter { $0.form == .spread && $0.isCompared }

    private static func lastStep(_ figure: Figure) -> Metric {
        let help = "\(figure.title), \(figure.formula), in the last step that counts: \(figure.definition)."
        return Metric(name(figure, "ratio"), .gauge, labels: ["layer"], help) { name, state, text in
            for (label, layers) in state.labelledLayers {
                if let value = Average.of(layers.compactMap { $0[each: figure].last }) {
                    text.sample(name, label, value)
                }
            }
        }
    }

    private static func allSteps(_ figure: Figure) -> Metric {
        let help =
            "As \(name(figure, "ratio")), over all steps: sum / count is their mean, as \(figure.path) of a report."
        return Metric(name(figure, "over_steps_ratio"), .summary, labels: ["layer"], help) { name, state, text in
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

    private static func name(_ figure: Figure, _ suffix: String) -> String {
        "epsim_\(figure.stepKey ?? "")_\(suffix)"
    }
}

extension LiveState {
    /// The layers by the label that they have in Prometheus.
    fileprivate var labelledLayers: [(label: String, layers: ArraySlice<FigureAccumulator>)] {
        guard grouping.namesLayers else { return [("layer=\"\(LabelGrouping.together)\"", layerFigures[...])] }
        return layerFigures.indices.map { ("layer=\"\($0)\"", layerFigures[$0...$0]) }
    }
}
