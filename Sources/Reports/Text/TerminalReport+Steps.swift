import Basics
import Records

extension TerminalReport {
    /// How long steps took and where their time went.
    func stepSection() -> [String] {
        let title = "# steps: \(report.clock.rawValue) clock; phases are means over ranks, per step"
        let phases = phaseTable() + wrapped(residualLine())
        return wrapped(title, continuation: "#   ") + paceTable() + [""] + phases + [""] + coordinatorSection()
            + communicationTable()
    }

    private func paceTable() -> [String] {
        let seconds = report.time.stepSeconds
        let unit = DisplayUnit.seconds([seconds.p50 ?? 0])
        var table = TextTable(columns: [
            .init("pace", alignment: .left), .init("unit", alignment: .left),
            .init("mean"), .init("p50"), .init("p90"), .init("max"),
        ])
        func add(_ name: String, _ unit: String, _ spread: Spread, _ format: (Double?) -> String) {
            table.append([name, unit] + [spread.mean, spread.p50, spread.p90, spread.max].map(format))
        }
        add("step", unit.name, seconds, unit.text)
        let decimals = (report.tokensPerSecond.p50 ?? 0) < 1000 ? 1 : 0
        add("throughput", "tokens/s", report.tokensPerSecond) { value in
            value.map { FixedPoint.text($0, decimals: decimals) } ?? "-"
        }
        return table.lines(width: width)
    }

    /// Phases in order; that of the coordinator's own shared experts only where it has any.
    private func phaseTable() -> [String] {
        let phases = report.time.phases.filter { $0.phase != .shared || $0.seconds != 0 }
        let unit = DisplayUnit.seconds(phases.map(\.seconds))
        var table = TextTable(
            columns: [.init("phase", alignment: .left)] + phases.map { .init($0.phase.rawValue) } + [.init("residual")]
        )
        let residual = report.time.residual
        let cells = phases.map { unit.text($0.seconds) }
        table.append(["\(unit.name)/step"] + cells + [unit.text(residual.meanSeconds)])
        table.append(["% of step"] + phases.map { Self.percent($0.share) } + [Self.percent(residual.meanShare)])
        guard let prediction = report.prediction else { return table.lines(width: width) }
        let predicted = phases.map { phase in prediction.phases.first { $0.phase == phase.phase }?.seconds }
        table.append(["predicted \(unit.name)"] + predicted.map { unit.text($0) } + ["-"])
        return table.lines(width: width) + wrapped(predictionLine(prediction))
    }

    /// What the modelled clock says of the whole step.
    private func predictionLine(_ prediction: PredictionFigures) -> String {
        let median = report.time.stepSeconds.p50 ?? 0
        let unit = DisplayUnit.seconds([median, prediction.stepSeconds])
        let error = prediction.stepError.map { " (\($0 < 0 ? "" : "+")\(Self.percent($0)) %)" } ?? ""
        return "predicted by \(prediction.hardware): step \(unit.full(prediction.stepSeconds)), measured "
            + "\(unit.full(median))\(error)"
    }

    private func residualLine() -> String {
        let residual = report.time.residual
        guard let worst = residual.worstSeconds, let limit = residual.limitSeconds, let step = residual.step,
            let rank = residual.rank
        else { return "residual: not known" }
        let unit = DisplayUnit.seconds([worst, limit])
        return "residual: at worst \(unit.full(worst)) (step \(step), rank \(rank); limit there \(unit.full(limit))); "
            + "\(residual.missedSteps) of \(report.steps) steps pass their limit"
    }

    private func communicationTable() -> [String] {
        let communication = report.communication
        let sent = [communication.bytes.dispatchPerStep, communication.bytes.combinePerStep]
        let rows = [
            communication.traffic.naiveBytesBetweenRanks, communication.traffic.deduplicatedBytesBetweenRanks,
        ]
        let size = DisplayUnit.bytes((sent + rows).compactMap { $0 })
        var table = TextTable(columns: [
            .init("communication", alignment: .left), .init("what it counts", alignment: .left, isExplanation: true),
            .init("/step"), .init("unit", alignment: .left), .init("%"), .init("of", alignment: .left),
        ])
        addTimes(to: &table)
        func add(_ name: String, _ what: String, _ bytes: Double?, of whole: Double?, _ basis: String) {
            let share = bytes.flatMap { bytes in whole.flatMap { Average.ratio(bytes, $0) } }
            table.append([name, what, size.text(bytes), size.name, Self.percent(share), basis])
        }
        let both = sent.reduce(0) { $0 + ($1 ?? 0) }
        add("bytes out", "envelopes and payloads sent to the ranks", sent[0], of: both, "bytes out + in")
        add("bytes in", "envelopes and payloads received from the ranks", sent[1], of: both, "bytes out + in")
        add("traffic, naive", "token rows between ranks, one per copy", rows[0], of: rows[0], "naive traffic")
        add(
            "traffic, deduplicated",
            "token rows between ranks, one per token and rank",
            rows[1],
            of: rows[0],
            "naive traffic"
        )
        return table.lines(width: width)
    }

    /// Empty for a prediction, where no coordinator stands between the ranks.
    private func coordinatorSection() -> [String] {
        report.clock == .measured ? coordinatorTable() + [""] : []
    }

    /// What bounds a prediction, and what taking that away would give.
    func limitSection() -> [String] {
        guard let limits = report.limits else { return [] }
        return ["# limits: the same model with one thing changed; savings do not add up"]
            + limits.sentences().flatMap { wrapped($0) }
    }

    /// The coordinator's own work, by kind.
    private func coordinatorTable() -> [String] {
        let work = report.coordinator
        let parts = [
            ("gate", work.gateSeconds), ("permute", work.permuteSeconds), ("combine", work.combineSeconds),
            ("messages", work.messageSeconds), ("total", work.totalSeconds),
        ]
        let unit = DisplayUnit.seconds(parts.compactMap(\.1))
        let step = report.time.stepSeconds.mean ?? 0
        var table = TextTable(columns: [.init("coordinator", alignment: .left)] + parts.map { .init($0.0) })
        table.append(["\(unit.name)/step"] + parts.map { unit.text($0.1) })
        table.append(["% of step"] + parts.map { Self.percent($0.1.flatMap { Average.ratio($0, step) }) })
        return table.lines(width: width)
    }

    private func addTimes(to table: inout TextTable) {
        let communication = report.communication
        let shared = report.time.sharedComputeSeconds.flatMap { $0 > 0 ? $0 : nil }
        let unit = DisplayUnit.seconds([communication.totalSeconds, shared].compactMap { $0 })
        func add(_ name: String, _ what: String, _ seconds: Double?, _ share: Double?) {
            table.append([name, what, unit.text(seconds), unit.name, Self.percent(share), "step"])
        }
        let total = "in flight, both ways, busiest rank of each layer"
        add("total", total, communication.totalSeconds, communication.totalShare)
        add("exposed", "in flight while nothing computed", communication.exposedSeconds, communication.exposedShare)
        if report.run.overlap != "none" {
            add(
                "exposed, no overlap",
                "had no micro-batch computed meanwhile",
                communication.exposedWithoutOverlapSeconds,
                communication.exposedWithoutOverlapShare
            )
        }
        if let shared {
            let what = "coordinator at work, overlapped or not"
            add("shared experts, coordinator", what, shared, report.time.sharedComputeShare)
        }
    }
}
