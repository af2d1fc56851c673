import Figures
import Basics

/// Two bars below each other for each of some pairs, all on one scale that begins at 0.
struct PairedBars {
    /// The letter and the form of a bar.
    private static let forms = [("A", "█"), ("B", "▒")]
    private static let shortest = 10

    let label: String
    let unit: Figure.Unit
    let pairs: [(label: String, a: RepeatSummary?, b: RepeatSummary?)]
    let width: Int

    /// The label, then the bars with their means and what these may be off by.
    func lines() -> [String] {
        let values = pairs.flatMap { [$0.a, $0.b] }.compactMap { $0?.mean }
        let unit = FigureUnit(self.unit, values)
        let texts = pairs.flatMap { [$0.a, $0.b] }.map { Self.text($0, unit) }
        let room = max(Self.shortest, width - 5 - (texts.map(\.count).max() ?? 0))
        let most = values.max() ?? 0
        var lines = [unit.name.isEmpty ? label : "\(label) [\(unit.name)]"]
        for pair in pairs {
            if !pair.label.isEmpty { lines.append("  " + Printable.text(pair.label)) }
            for (form, summary) in zip(Self.forms, [pair.a, pair.b]) {
                let share = most > 0 ? max(0, summary?.mean ?? 0) / most : 0
                let bar = String(repeating: form.1, count: Int((share * Double(room)).rounded()))
                lines.append("  \(form.0) \(bar)\(bar.isEmpty ? "" : " ")\(Self.text(summary, unit))")
            }
        }
        return lines
    }

    private static func text(_ summary: RepeatSummary?, _ unit: FigureUnit) -> String {
        let half = summary?.halfWidth.map { " ± \(unit.text($0))" } ?? ""
        return unit.text(summary?.mean) + half
    }
}
