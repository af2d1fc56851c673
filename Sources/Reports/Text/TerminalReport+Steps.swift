import CostModel

extension TerminalReport {
    /// How long steps took and where their time went.
    func stepSection() -> [String] {
        let title = "# steps: \(report.clock.rawValue) clock; phases are means over ranks, per step"
        let phases = phaseTable() + wrapped(worstResidual())
        return wrapped(title, continuation: "#   ") + paceTable() + [""] + phases + [""] + communicationTable()
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
        return table.lines()
    }

    private func phaseTable() -> [String] {
        let phases = report.time.phases
        let unit = DisplayUnit.seconds(phases.map(\.seconds))
        var table = TextTable(
            columns: [.init("phase", alignment: .left)] + phases.map { .init($0.phase.rawValue) } + [.init("residual")]
        )
        let residual = report.time.residual.meanShare
        let step = report.time.stepSeconds.mean
        let missed = residual.flatMap { share in step.map { share * $0 } }
        table.append(["\(unit.name)/step"] + phases.map { unit.text($0.seconds) } + [unit.text(missed)])
        table.append(["% of step"] + phases.map { Self.percent($0.share) } + [Self.percent(residual)])
        return table.lines()
    }

    private func worstResidual() -> String {
        let residual = report.time.residual
        guard let worst = residual.worstSeconds, let limit = residual.limitSeconds, let step = residual.step,
            let rank = residual.rank
        else { return "residual: not known" }
        let unit = DisplayUnit.seconds([worst, limit])
        return "residual: at worst \(unit.full(worst)) (step \(step), rank \(rank)), allowed are \(unit.full(limit))"
    }

    private func communicationTable() -> [String] {
        let communication = report.communication
        let seconds = [communication.totalSeconds, communication.exposedSeconds]
        let amounts = [communication.bytes.dispatchPerStep, communication.bytes.combinePerStep]
        let naive = communication.traffic.naiveBytesBetweenRanks
        let unique = communication.traffic.deduplicatedBytesBetweenRanks
        let time = DisplayUnit.seconds(seconds.compactMap { $0 })
        let size = DisplayUnit.bytes(amounts.compactMap { $0 } + [naive])
        var table = TextTable(columns: [
            .init("communication", alignment: .left), .init("what it counts", alignment: .left),
            .init("unit", alignment: .left), .init("/step"), .init("share"),
        ])
        func add(_ name: String, _ what: String, _ unit: DisplayUnit, _ value: Double?, _ share: String) {
            table.append([name, what, unit.name, unit.text(value), share])
        }
        let shares = [communication.totalShare, communication.exposedShare].map { Self.percent($0) + " % of step" }
        let sent = amounts.reduce(0) { $0 + ($1 ?? 0) }
        let parts = amounts.map { Self.percent(Average.ratio($0 ?? 0, sent)) + " % of bytes" }
        let ofNaive = { (bytes: Double) in Self.percent(Average.ratio(bytes, naive)) + " % of naive" }
        add("total", "dispatch + combine in flight, busiest rank of each layer", time, seconds[0], shares[0])
        add("exposed", "in flight while nothing computed", time, seconds[1], shares[1])
        add("bytes out", "envelopes and payloads sent to the ranks", size, amounts[0], parts[0])
        add("bytes in", "envelopes and payloads received from the ranks", size, amounts[1], parts[1])
        add("traffic, naive", "token rows from rank to rank, one per routed copy", size, naive, ofNaive(naive))
        add(
            "traffic, deduplicated",
            "token rows from rank to rank, one per token and rank",
            size,
            unique,
            ofNaive(unique)
        )
        return table.lines()
    }
}
