public import Basics

extension RoutingReport {
    /// The report as JSON, in the form of ``Report/json()``.
    ///
    /// - Throws: ``JSONError`` when a number is infinite or not a number.
    public func json() throws(JSONError) -> String {
        try JSONText.of(self, called: "the report")
    }

    /// The report for a terminal, each line ended by a line feed.
    ///
    /// - Parameter width: characters at which text is broken; tables may need more.
    public func text(width: Int = 120) -> String {
        var sections = [header(width), loadSection(), lossSection()]
        if steps.count > 1 { sections.append(stepSection()) }
        sections.append(agreementSection())
        return sections.filter { !$0.isEmpty }.joined(separator: [""]).joined(separator: "\n") + "\n"
    }

    private func header(_ width: Int) -> [String] {
        let tokens = run.stepTokens.reduce(0, +)
        let lines = [
            "epsim \(run.epsimVersion): routing of \(run.file), without a cluster",
            "router: \(run.router): \(run.rule)",
            "input: \(Counted.text(layers.count, "layer")) of \(run.experts) experts, \(Counted.text(tokens, "token")) "
                + "in \(stepsText), seed \(run.seed)",
        ]
        return (lines + run.notes.map { "note: \($0)" }).flatMap {
            LineWrap.lines(
                "# " + Printable.text($0),
                width: max(width, TerminalReport.Options.narrowest),
                prefix: "",
                continuation: "#   "
            )
        }
    }

    /// `one step`, `4 steps of 512` or `4 steps of 512, the last of 100`.
    private var stepsText: String {
        guard let first = run.stepTokens.first, let last = run.stepTokens.last, steps.count > 1 else {
            return "one step"
        }
        return "\(steps.count) steps of \(first)" + (last == first ? "" : ", the last of \(last)")
    }
}
