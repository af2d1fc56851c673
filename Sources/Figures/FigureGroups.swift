import Basics

extension Figure {
    /// The definition of each figure, and of each part of a report that holds several, by path.
    public static let definitions: [String: String] = {
        var all = groups
        for figure in catalogue { all[figure.path] = figure.definition }
        return all
    }()

    /// All figures as a table in Markdown.
    public static var markdown: String {
        MarkdownTable.text(
            ["figure", "title", "formula", "unit", "better", "statistics", "short names", "compared", "what it is"],
            rows: catalogue.map { figure in
                [
                    "`\(figure.path)`", figure.title, figure.formula, figure.unit.rawValue,
                    figure.better == .neither ? "–" : figure.better.rawValue, statistics(figure),
                    figure.aliases.map { "`\($0)`" }.joined(separator: ", "), figure.isCompared ? "yes" : "–",
                    figure.definition,
                ]
            }
        )
    }

    /// Return the names of a spread's statistics, with the one that the figure's path alone means in bold.
    private static func statistics(_ figure: Figure) -> String {
        guard figure.form == .spread else { return "–" }
        return Statistic.allCases.map { $0 == figure.headline ? "**\($0.rawValue)**" : $0.rawValue }
            .joined(separator: ", ")
    }

    /// The definitions of the parts of a report that hold several figures or lists of figures, by path.
    private static let groups = [
        "load":
            "each figure is computed per (step, layer) in which something was routed, then summarised over all of them",
        "load.rank": "spread of the load over ranks",
        "load.expert": "spread of the load over experts",
        "load.importance":
            "variation over experts of the importance: the sum of gate weights that an expert is given before any drop",
        "load.smooth_load":
            "variation over experts of the differentiable estimate of the load of Shazeer et al. 2017; without values where "
            + "the router has none",
        "load.dropped": "copies and tokens that found no place",
        "load.identity": "copies for experts that return their input where the token is",
        "load.padding": "rows that padding would add",
        "load.losses": "value of each loss without its coefficient, per (step, layer)",
        "balance":
            "compute seconds of ranks, compared per (step, layer): the rank that is slowest most often, in how many of the "
            + "layers of all steps, slowest / mean over ranks, and the part of all steps that perfect balance saves at most",
        "time.phases": "seconds per step, summed over layers, mean over ranks; share of the mean step",
        "time.residual":
            "|step - layers| + sum over layers of |layer - phases|, seconds, per (step, rank); largest, mean, and the "
            + "steps in which one passes its limit: \(Residual.limitWords)",
        "prediction":
            "the modelled clock on the same routing: seconds per step, mean over steps; phases as time.phases; processor "
            + "seconds of all processes; step_error = step_seconds / median of time.step_seconds - 1",
        "communication.bytes": "bytes on the wire",
        "communication.traffic.naive_bytes":
            "[source rank][rank] bytes of token rows, dispatch + combine, one row per routed copy, mean per step",
        "communication.traffic.deduplicated_bytes":
            "[source rank][rank] bytes of token rows, dispatch + combine, one row per token and rank, mean per step",
        "limits":
            "prediction only: part of all steps' time that the same model saves with one thing changed; they do not add up",
        "coordinator":
            "processor seconds of the coordinator's own thread by kind of work, overlapped or not, summed over layers, "
            + "mean per step",
        "per_step": "per step: mean over its layers of each figure as defined under load",
        "ranks": "per (layer, rank): copies, bytes and seconds per step; share and imbalance averaged over steps",
        "rank_totals": "per rank: copies, bytes and seconds per step summed over layers; share and imbalance averaged",
    ]
}
