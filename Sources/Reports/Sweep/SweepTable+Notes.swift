import Records

extension SweepTable {
    /// Failures that are told one by one.
    private static let mostFailures = 10
    /// Notes of predictions that are told.
    private static let mostNotes = 8

    /// What stands behind the row of a point.
    func marks(_ group: PointGroup) -> String {
        let isOversubscribed = group.finished.contains(where: \.figures.isOversubscribed)
        let isInvalid = group.finished.contains { $0.status == .invalid }
        return (isOversubscribed ? "*" : "") + (isInvalid ? "?" : "") + (group.failed.isEmpty ? "" : "!")
    }

    /// What the marks and figures mean, and what failed.
    public var notes: [String] {
        var notes: [String] = []
        if let rule { notes.append(meaning(of: rule)) }
        let crowded = groups.flatMap(\.finished).filter(\.figures.isOversubscribed)
        if let worst = crowded.max(by: { ($0.figures[.busyProcesses] ?? 0) < ($1.figures[.busyProcesses] ?? 0) }) {
            let (busy, cores) = (
                worst.figures.text(PointFigures.Extra.busyProcesses.rawValue) ?? "-",
                worst.figures.text(PointFigures.Extra.cores.rawValue) ?? "-"
            )
            notes.append(
                "* more busy processes than cores (up to \(busy) on \(cores)): times show sharing as well as work, and "
                    + "efficiency says little; loads are exact"
            )
        }
        let invalid = groups.flatMap(\.finished).filter { $0.status == .invalid }
        if let first = invalid.first {
            let reason = first.reasons.joined(separator: "; ")
            notes.append("? \(invalid.count) of the runs INVALID, do not rely on them; the first: \(reason)")
        }
        let failures = groups.flatMap { group in group.failed.map { (group, $0) } }
        for (group, record) in failures.prefix(Self.mostFailures) {
            notes.append("! \(group.label) repeat \(record.name.repeat): \(record.reasons.joined(separator: "; "))")
        }
        if failures.count > Self.mostFailures {
            notes.append("! and \(failures.count - Self.mostFailures) more that failed")
        }
        notes += predictionNotes
        return notes
    }

    /// What predictions of finished points say of themselves, each once, with the number of points that do.
    private var predictionNotes: [String] {
        let all = groups.compactMap { $0.finished.first?.notes }.flatMap(\.self)
        var seen: [String: Int] = [:]
        for note in all { seen[note, default: 0] += 1 }
        let different = seen.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
        let shown = different.prefix(Self.mostNotes).map { "note (\(seen[$0] ?? 0) of \(groups.count) points): \($0)" }
        let left = different.count - shown.count
        return shown + (left > 0 ? ["note: \(left) more, in point.json of each point"] : [])
    }

    private func meaning(of rule: ScalingRule) -> String {
        let base = "against the smallest \(rule.scale)"
        return switch rule.ideal {
        case .strong: "strong scaling \(base): ideally the step takes 1 / scale of its time"
        case .weak: "weak scaling \(base): ideally the step, with work that grows with the scale, takes the same time"
        }
    }
}

extension PointGroup {
    /// What was varied, in one line.
    public var label: String {
        let values = parameters.map { "\($0.key)=\($0.text ?? "-")" }
        return values.isEmpty ? "the point" : values.joined(separator: " ")
    }
}
