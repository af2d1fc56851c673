import Basics
import Configuration
import Reports

/// What `epsim sweep --dry-run` prints.
struct SweepListing {
    let work: SweepWork
    let out: String

    /// The points with the time that each will take, and the sum.
    var text: String {
        let plan = work.plan
        var table = TextTable(
            columns: [
                TextTable.Column("point", alignment: .left), TextTable.Column("seed"),
                TextTable.Column("runs left"), TextTable.Column("seconds", unit: "each"),
                TextTable.Column("parameters", alignment: .left),
            ]
        )
        let left = work.left.reduce(into: [:]) { $0[$1.point.id, default: 0] += 1 }
        for point in plan.points {
            let seconds = FixedPoint.text(work.estimate.seconds(runs: 1, tokens: point.tokens), decimals: 1)
            table.append([point.id, "\(point.seed)", "\(left[point.id] ?? 0)", seconds, point.label])
        }
        let lines = table.lines().map(\.withoutTrailingSpaces)
        let (runs, done) = (work.runs.count, work.done)
        let sum = DurationText.of(work.secondsLeft)
        let total = "\(runs - done) of \(runs) runs left for \(out), about \(sum): \(work.estimate.basis)"
        return (lines + [total]).joined(separator: "\n") + "\n"
    }
}

extension SweepPoint {
    /// What was varied, in one line.
    var label: String {
        parameters.map { "\($0.key)=\($0.text ?? "-")" }.joined(separator: " ")
    }
}
