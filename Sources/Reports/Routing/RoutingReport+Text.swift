import MoE

extension RoutingReport {
    /// The report as JSON, in the form of ``Report/json()``.
    ///
    /// - Throws: ``ReportError`` when a number is infinite or not a number.
    public func json() throws(ReportError) -> String {
        try JSONText.of(self)
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
            "input: \(Self.count(layers.count, "layer")) of \(run.experts) experts, \(Self.count(tokens, "token")) "
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

    private func agreementSection() -> [String] {
        guard let agreement else { return [] }
        var lines = ["# agreement with the recorded choices"]
        for layer in layers {
            for difference in layer.agreement?.differences ?? [] {
                let found = "recorded \(Self.text(difference.recorded)), routed \(Self.text(difference.routed))"
                lines.append("layer \(layer.layer), token \(difference.token): \(found)")
            }
        }
        let differ = agreement.tokens - agreement.sameTokens
        let pairs = layers.count == 1 ? "tokens" : "tokens of \(layers.count) layers"
        lines.append(
            "\(agreement.sameTokens) of \(agreement.tokens) \(pairs) have the recorded experts; \(differ) differ"
        )
        if let largest = agreement.largestWeightDifference {
            let texts = [largest, agreement.tolerance].map { FixedPoint.text($0, significant: 10) }
            lines.append("their weights differ by \(texts[0]) of the larger one at most; allowed are \(texts[1])")
        } else {
            lines.append("no weights were compared")
        }
        lines.append(agreement.holds ? "SAME" : "DIFFERENT")
        return lines
    }

    private static func text(_ experts: ChoiceAgreement.Experts) -> String {
        func list(_ values: [Int32]) -> String { values.map { "\($0)" }.joined(separator: " ") }
        let kept = experts.kept.isEmpty ? "none" : list(experts.kept)
        return experts.dropped.isEmpty ? kept : "\(kept) (dropped \(list(experts.dropped)))"
    }

    private static func count(_ number: Int, _ word: String) -> String {
        "\(number) \(word)\(number == 1 ? "" : "s")"
    }
}
