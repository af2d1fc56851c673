import Basics
internal import Figures
internal import Records

/// One metric: its name, its meaning, and its samples of a state.
///
/// The exposition and the documentation both follow ``all``, the only table of metrics.
public struct Metric: Sendable {
    /// The name of the metric: begins with `epsim_`, ends with the unit, and with `_total` for a counter.
    public let name: String
    /// The type of the metric.
    public let kind: MetricKind
    /// The meaning of the metric, in one line.
    public let help: String
    /// The names of the labels, beside `le` of a histogram.
    public let labels: [String]
    let write: @Sendable (_ name: String, _ state: LiveState, _ text: inout MetricText) -> Void

    init(
        _ name: String,
        _ kind: MetricKind,
        labels: [String] = [],
        _ help: String,
        write: @escaping @Sendable (String, LiveState, inout MetricText) -> Void
    ) {
        self.name = name
        self.kind = kind
        self.labels = labels
        self.help = help
        self.write = write
    }

    /// All metrics, in the order in which they are shown.
    public static let all: [Metric] = ofRun + ofSteps + ofRanks + ofLayers

    /// A table of all metrics, in Markdown.
    public static var markdown: String {
        let rows = all.map { metric in
            let labels = metric.labels.map { "`\($0)`" }.joined(separator: ", ")
            return ["`\(metric.name)`", metric.kind.rawValue, labels.isEmpty ? "–" : labels, metric.help]
        }
        return MarkdownTable.text(["metric", "type", "labels", "meaning"], rows: rows)
    }

    /// The text of all metrics with their samples of a state.
    public static func exposition(_ state: LiveState) -> String {
        var text = MetricText()
        for metric in all {
            text.begin(metric.name, metric.kind, help: metric.help)
            metric.write(metric.name, state, &text)
        }
        return text.text
    }
}

extension Metric {
    /// The metrics of layers: the balance of their loads and their drops, from the figures of steps and the counters of
    /// the catalogue.
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
    /// The figures of the layers by the label that they have in Prometheus.
    fileprivate var labelledLayers: [(label: String, layers: ArraySlice<FigureAccumulator>)] {
        guard grouping.namesLayers else { return [("layer=\"\(LabelGrouping.together)\"", layerFigures[...])] }
        return layerFigures.indices.map { ("layer=\"\($0)\"", layerFigures[$0...$0]) }
    }
}

extension Metric {
    /// The metrics of ranks: copies, bytes and times.
    static let ofRanks = [
        perRank("epsim_rank_copies_total", "Routed copies that the rank's experts computed.") { $0.copies },
        perRank("epsim_dispatch_bytes_total", "Bytes sent to the rank, envelopes and payloads.") { $0.dispatchBytes },
        perRank("epsim_combine_bytes_total", "Bytes received from the rank, envelopes and payloads.") {
            $0.combineBytes
        },
        perRank(
            "epsim_dispatch_in_flight_seconds_total",
            "Seconds during which tokens travelled to the rank, overlapped or not."
        ) { $0.dispatchInFlightSeconds },
        perRank(
            "epsim_combine_in_flight_seconds_total",
            "Seconds during which outputs travelled back from the rank, overlapped or not."
        ) { $0.combineInFlightSeconds },
        Metric(
            "epsim_rank_phase_seconds_total",
            .counter,
            labels: ["rank", "phase"],
            "Seconds of the rank's phases dispatch, queue, compute, combine and wait; each instant counts once."
        ) { name, state, text in
            for rank in 0..<state.run.ranks {
                for phase in Phase.ofRank {
                    let labels = MetricText.labels(["rank": "\(rank)", "phase": phase.rawValue])
                    text.sample(name, labels, state.sum(ofRank: rank) { $0.seconds[phase] })
                }
            }
        },
        perPair(
            "epsim_dispatch_seconds",
            "Seconds of the phase dispatch of a rank in a layer: tokens on their way to it and nothing computing."
        ) { $0.dispatchSeconds },
        perPair(
            "epsim_combine_seconds",
            "Seconds of the phase combine of a rank in a layer: outputs on their way back and nothing computing."
        ) { $0.combineSeconds },
    ]

    private static func perRank<Value: MetricValue>(
        _ name: String,
        _ help: String,
        _ value: @escaping @Sendable (RankRecord) -> Value
    ) -> Metric {
        Metric(name, .counter, labels: ["rank"], help) { name, state, text in
            for rank in 0..<state.run.ranks {
                text.sample(name, "rank=\"\(rank)\"", state.sum(ofRank: rank, value))
            }
        }
    }

    private static func perPair(
        _ name: String,
        _ help: String,
        _ table: @escaping @Sendable (LiveState) -> HistogramTable
    ) -> Metric {
        Metric(name, .histogram, labels: ["rank", "layer"], help) { name, state, text in
            let table = table(state)
            for pair in 0..<table.series {
                let (rank, layer) = state.grouping.labels(pair: pair)
                text.histogram(name, "rank=\"\(rank)\",layer=\"\(layer)\"", table, series: pair)
            }
        }
    }
}

extension Metric {
    /// The metrics of the run: its description and its progress.
    static let ofRun = [
        Metric("epsim_build_info", .gauge, labels: ["version"], "Always 1; the version of epsim.") {
            name,
            state,
            text in
            text.sample(name, MetricText.labels(["version": state.run.epsimVersion]), 1)
        },
        Metric(
            "epsim_run_info",
            .gauge,
            labels: ["run", "config", "router", "ranks", "layers", "experts"],
            "Always 1; what is run: the run's id, its configuration file, the router, and the numbers of ranks, MoE layers "
                + "and experts of a layer."
        ) { name, state, text in
            let run = state.run
            let labels = MetricText.labels([
                "run": run.id, "config": run.config, "router": run.router, "ranks": "\(run.ranks)",
                "layers": "\(run.layers)", "experts": "\(run.experts)",
            ])
            text.sample(name, labels, 1)
        },
        Metric("epsim_run_stage", .gauge, labels: ["stage"], "1 for the stage that the run is in, 0 for the others.") {
            name,
            state,
            text in
            for stage in LiveStage.allCases {
                text.sample(name, MetricText.labels(["stage": stage.rawValue]), stage == state.stage ? 1 : 0)
            }
        },
        Metric("epsim_run_steps", .gauge, "Measured steps that are asked for.") { name, state, text in
            text.sample(name, "", state.run.steps)
        },
        Metric("epsim_workers_ready", .gauge, "Workers that have joined and loaded their experts.") {
            name,
            state,
            text in
            text.sample(name, "", state.workersReady)
        },
    ]
}

extension Metric {
    /// The metrics of measured steps as a whole; warm-up steps do not count.
    static let ofSteps =
        [
            Metric("epsim_steps_total", .counter, "Measured steps.") { name, state, text in
                text.sample(name, "", state.steps)
            },
            Metric("epsim_tokens_total", .counter, "Tokens of the measured steps.") { name, state, text in
                text.sample(name, "", state.figures.tokens)
            },
            Metric("epsim_step_seconds", .histogram, "Seconds of a step, from tokens in to outputs combined.") {
                name,
                state,
                text in
                text.histogram(name, "", state.stepSeconds, series: 0)
            },
            Metric(
                "epsim_coordinator_phase_seconds_total",
                .counter,
                labels: ["phase"],
                "Seconds of the coordinator's phases gate, shared and merge, summed over layers."
            ) { name, state, text in
                for phase in Phase.ofCoordinator {
                    let seconds = state.coordinatorSeconds[phase, default: 0]
                    text.sample(name, MetricText.labels(["phase": phase.rawValue]), seconds)
                }
            },
            Metric(
                "epsim_balance_loss",
                .summary,
                labels: ["loss"],
                "Losses of the router without their coefficients, one value per step and layer."
            ) { name, state, text in
                for loss in state.figures.losses {
                    let labels = MetricText.labels(["loss": loss.name])
                    text.summary(name, labels, sum: loss.each.sum, count: loss.each.count)
                }
            },
        ]
        + Counter.all.filter { !$0.amount.isPerLayer }.map { counter in
            Metric("epsim_\(counter.name)_total", .counter, counter.amount.meaning) { name, state, text in
                text.sample(name, "", state.figures[counter])
            }
        }
}

/// The type of a metric in Prometheus.
public enum MetricKind: String, CaseIterable, Sendable {
    /// A value that only grows while the run lasts.
    case counter
    /// A value that may rise and fall.
    case gauge
    /// The counts of values at or below the bounds of buckets, with their sum and number.
    case histogram
    /// The sum and number of values, from which the mean follows; without quantiles.
    case summary
}
