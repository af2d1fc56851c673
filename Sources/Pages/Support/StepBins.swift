import Basics
import Figures

/// The steps of a run in few enough parts to draw: each step alone, or several consecutive steps and their means.
struct StepBins {
    /// The limit on the number of parts.
    private static let most = 400

    /// A part: one step, or several consecutive steps.
    struct Bin {
        let steps: ArraySlice<StepFigures>

        /// The number of the step, or of the first and the last.
        var name: String {
            let first = steps.first?.step ?? 0
            let last = steps.last?.step ?? 0
            return first == last ? "\(first)" : "\(first)–\(last)"
        }

        /// The mean over the steps that have a value.
        func mean(_ value: (StepFigures) -> Double?) -> Double? {
            Average.of(steps.compactMap(value))
        }
    }

    /// The parts, in order.
    let rows: [Bin]

    init(_ steps: [StepFigures]) {
        rows = steps.equalRuns(atMost: Self.most).map { Bin(steps: $0) }
    }

    /// The number of steps in the largest part.
    var size: Int { rows.map(\.steps.count).max() ?? 0 }

    /// True when a part holds several steps.
    var isShortened: Bool { size > 1 }

    /// The heading of the column that names the parts: `step`, or `steps` where a part holds several.
    var name: String { isShortened ? "steps" : "step" }

    /// The points of a figure over the steps, one for each part that has a value.
    func points(_ value: (StepFigures) -> Double?) -> [XYChart.Point] {
        rows.compactMap { bin in
            guard let first = bin.steps.first?.step, let mean = bin.mean(value) else { return nil }
            return XYChart.Point(x: Double(first) + Double(bin.steps.count - 1) / 2, y: mean)
        }
    }
}
