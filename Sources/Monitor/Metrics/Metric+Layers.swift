extension Metric {
    /// How even the load of each layer is, and what it drops.
    static let ofLayers = [
        lastStep(
            "epsim_rank_imbalance_ratio",
            "Max over ranks of routed copies / mean over ranks in the last step; 1 is perfect."
        ) { $0.rankImbalance },
        lastStep(
            "epsim_expert_imbalance_ratio",
            "Max over experts of routed copies / mean over experts in the last step; 1 is perfect."
        ) { $0.expertImbalance },
        allSteps(
            "epsim_rank_imbalance_over_steps_ratio",
            "As epsim_rank_imbalance_ratio, over all steps: sum / count is their mean, as load.rank.imbalance of a report."
        ) { $0.rankImbalance },
        allSteps(
            "epsim_expert_imbalance_over_steps_ratio",
            "As epsim_expert_imbalance_ratio, over all steps: sum / count is their mean, as load.expert.imbalance of a "
                + "report."
        ) { $0.expertImbalance },
        count("epsim_copies_asked_total", "Copies that the router asked for, dropped or not.") { $0.copiesAskedFor },
        count("epsim_copies_dropped_total", "Copies that found no place at their expert.") { $0.copiesDropped },
        count(
            "epsim_tokens_without_expert_total",
            "Tokens that no expert of the layer served."
        ) { $0.tokensWithoutExpert },
    ]

    private typealias Figure<Value> = @Sendable (LayerTotals) -> Value

    private static func lastStep(_ name: String, _ help: String, _ figure: @escaping Figure<RunningMean>) -> Metric {
        Metric(name, .gauge, labels: ["layer"], help) { name, state, text in
            for (label, layers) in state.labelledLayers {
                var mean = RunningMean()
                for value in layers.compactMap({ figure($0).last }) { mean.add(value) }
                if let value = mean.mean { text.sample(name, label, value) }
            }
        }
    }

    private static func allSteps(_ name: String, _ help: String, _ figure: @escaping Figure<RunningMean>) -> Metric {
        Metric(name, .summary, labels: ["layer"], help) { name, state, text in
            for (label, layers) in state.labelledLayers {
                let sum = layers.reduce(0) { $0 + figure($1).sum }
                text.summary(name, label, sum: sum, count: layers.reduce(0) { $0 + figure($1).count })
            }
        }
    }

    private static func count(_ name: String, _ help: String, _ figure: @escaping Figure<Int>) -> Metric {
        Metric(name, .counter, labels: ["layer"], help) { name, state, text in
            for (label, layers) in state.labelledLayers {
                text.sample(name, label, layers.reduce(0) { $0 + figure($1) })
            }
        }
    }
}

extension LiveState {
    /// The layers by the label that they have in Prometheus.
    fileprivate var labelledLayers: [(label: String, layers: ArraySlice<LayerTotals>)] {
        guard grouping.namesLayers else { return [("layer=\"\(LabelGrouping.together)\"", layerTotals[...])] }
        return layerTotals.indices.map { ("layer=\"\($0)\"", layerTotals[$0...$0]) }
    }
}
