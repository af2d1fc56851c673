import Basics
import Figures
public import Reports

/// The table of a sweep, one row per point with the medians over its runs.
public struct SweepTable: Sendable {
    let groups: [PointGroup]
    /// The keys that have a column: those that vary, then those that only some points read.
    private let keys: [String]
    private let keysOfSome: [String]
    let rule: ScalingRule?

    /// Create the table of a sweep.
    ///
    /// - Parameter rule: the rule that points are compared by, or nil for none.
    public init(_ summary: SweepSummary, rule: ScalingRule?) {
        groups = PointGroup.all(summary.rows)
        keys = summary.keys + summary.keysOfSome
        keysOfSome = summary.keysOfSome
        self.rule = rule
    }

    /// The table, its notes and the failures, in lines of at most `width` characters where the table fits.
    public func text(width: Int) -> String {
        guard let clock = groups.lazy.flatMap({ $0.finished + $0.failed }).first?.clock else {
            return "no run has ended yet\n"
        }
        let title = "# points: medians over the runs of each; \(clock.rawValue) clock"
        let columns = columns
        var table = TextTable(columns: columns.map(\.column))
        for index in groups.indices { table.append(columns.map { $0.cells[index] }) }
        let lines = table.lines(width: width)
        let wrapped = notes.flatMap { LineWrap.lines(Printable.text($0), width: width) }
        return ([title] + lines + wrapped).joined(separator: "\n") + "\n"
    }

    private struct Column {
        let column: TextTable.Column
        let cells: [String]

        init(_ header: String, unit: String = "", alignment: TextTable.Alignment = .right, _ cells: [String]) {
            column = TextTable.Column(header, unit: unit, alignment: alignment)
            self.cells = cells
        }
    }

    private var columns: [Column] {
        let unit = DisplayUnit.seconds(groups.compactMap(\.stepSeconds))
        let timed =
            [
                Column("runs", groups.map { "\($0.finished.count)" }),
                Column("step", unit: unit.name, groups.map { unit.text($0.stepSeconds) }),
                Column("spread", unit: "%", groups.map { Self.percent($0.spread) }),
            ]
            + [Figure.tokensPerSecond, .tokensPerSecondPerRank].map { rate in
                figure(rate.heading.name, unit: rate.heading.counts, decimals: 0) { $0[rate] }
            }
        let loads = [
            figure("imbalance", unit: "× mean", decimals: 3) { $0[.rankImbalance] },
            spread { $0[.rankImbalance] },
            figure("MaxVio", decimals: 3) { $0[.maxvio] },
            spread { $0[.maxvio] },
            optional(figure("at end", unit: "MaxVio", decimals: 3) { $0[.maxvioEnd] }) {
                $0.median { $0[.maxvioEnd] } != nil
            },
        ]
        // What is dropped and what is left without an expert are read together.
        let losses = [Figure.droppedFraction, .unservedFraction]
        let loses = groups.contains { group in losses.contains { figure in group.median { $0[figure] } ?? 0 > 0 } }
        let lost =
            loses
            ? [
                percentage("dropped") { $0[.droppedFraction] },
                percentage("without", unit: "expert %") { $0[.unservedFraction] },
            ] : []
        let rest = [
            optional(figure("no load", unit: "pairs", decimals: 0) { $0[.withoutLoad] }) {
                $0.median { $0[.withoutLoad] } ?? 0 > 0
            },
            percentage("exposed") { $0[.exposedShare] },
        ]
        let mark = optional(Column("", alignment: .left, groups.map(marks))) { !marks($0).isEmpty }
        return parameters + timed + (loads + lost + rest + scaling + [mark]).compactMap(\.self)
    }

    /// The columns of the keys, headed by their last part where that is unique.
    private var parameters: [Column] {
        let names = keys.map { $0.split(separator: ".").last.map(String.init) ?? $0 }
        return keys.indices.map { index in
            let isAlone = names.count { $0 == names[index] } == 1
            let values = groups.map { ($0.parameters + $0.set)[index] }
            let isNumber = values.allSatisfy(\.isBare)
            return Column(
                isAlone ? names[index] : keys[index],
                alignment: isNumber ? .right : .left,
                values.map { Printable.text($0.text ?? "-") }
            )
        }
    }

    private var scaling: [Column] {
        guard let rule else { return [] }
        let values = Scaling.all(groups, rule)
        return [
            Column("speed-up", unit: "×", values.map { $0.map { FixedPoint.text($0.speedUp, decimals: 2) } ?? "-" }),
            Column("efficiency", unit: "% of ideal", values.map { Self.percent($0?.efficiency) }),
        ]
    }

    private func figure(
        _ header: String,
        unit: String = "",
        decimals: Int,
        _ figure: (PointFigures) -> Double?
    ) -> Column {
        Column(
            header,
            unit: unit,
            groups.map { $0.median(figure).map { FixedPoint.text($0, decimals: decimals) } ?? "-" }
        )
    }

    private func percentage(_ header: String, unit: String = "%", _ figure: (PointFigures) -> Double?) -> Column {
        Column(header, unit: unit, groups.map { Self.percent($0.median(figure)) })
    }

    /// The spread of a load over the runs of each point, or nil where no run differs from another.
    private func spread(_ figure: (PointFigures) -> Double?) -> Column? {
        optional(Column("spread", unit: "%", groups.map { Self.percent($0.spread(figure)) })) {
            $0.spread(figure) ?? 0 > 0
        }
    }

    /// Return a column, or nil, which leaves the column out, where no point passes a test.
    private func optional(_ column: Column, where isTelling: (PointGroup) -> Bool) -> Column? {
        groups.contains(where: isTelling) ? column : nil
    }

    private static func percent(_ share: Double?) -> String {
        share.map { FixedPoint.text($0 * 100, decimals: 1) } ?? "-"
    }
}

extension SweepTable {
    /// The largest number of failures that are shown one by one.
    private static let mostFailures = 10
    /// The largest number of different notes of predictions that are shown.
    private static let mostNotes = 8

    /// The marks behind the row of a point: `*` oversubscribed, `?` invalid, `!` failed.
    func marks(_ group: PointGroup) -> String {
        let isOversubscribed = group.finished.contains(where: \.figures.isOversubscribed)
        let isInvalid = group.finished.contains { $0.status == .invalid }
        return (isOversubscribed ? "*" : "") + (isInvalid ? "?" : "") + (group.failed.isEmpty ? "" : "!")
    }

    /// The meaning of the marks and of the scaling figures, the failures, and the notes and warnings of the points.
    public var notes: [String] {
        var notes: [String] = []
        if let rule { notes.append(meaning(of: rule)) }
        notes += keysOfSome.enumerated().map { place, key in
            let readers = groups.count { $0.set[place].text != nil }
            return "\(key): \(readers) of \(groups.count) points read it"
        }
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
        return notes + ofPoints("note", \.notes) + ofPoints("warning", \.warnings)
    }

    /// The sentences of one kind that the points have, each once, with the number of points that have it.
    private func ofPoints(_ kind: String, _ sentences: KeyPath<PointRecord, [String]?>) -> [String] {
        let all = groups.compactMap { $0.finished.first?[keyPath: sentences] }.flatMap(\.self)
        var seen: [String: Int] = [:]
        for note in all { seen[note, default: 0] += 1 }
        let different = seen.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
        let shown = different.prefix(Self.mostNotes).map {
            "\(kind) (\(seen[$0] ?? 0) of \(groups.count) points): \($0)"
        }
        let left = different.count - shown.count
        return shown + (left > 0 ? ["\(kind): \(left) more, in point.json of each point"] : [])
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
    /// The values of the varied keys, in one line.
    public var label: String {
        parameters.isEmpty ? "the point" : parameters.label
    }
}
