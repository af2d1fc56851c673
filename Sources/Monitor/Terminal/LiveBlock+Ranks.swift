import Basics
internal import Reports

extension LiveBlock {
    /// Columns of a bar at most.
    private static let widestBar = 60

    /// The bars of the ranks in at most `room` lines: all in order, or the busiest and a line for the rest.
    func ranks(room: Int) -> [String] {
        let loads = summary.rankLoads
        let peaks = summary.rankPeaks
        guard room >= 3, peaks.count == loads.count, let highest = peaks.max(), highest > 0 else { return [] }
        let busiest = loads.indices.sorted { (loads[$0], $1) > (loads[$1], $0) }
        let fits = loads.count <= room - 1
        let shown = fits ? Array(loads.indices) : Array(busiest.prefix(room - 2))
        let scale = max(highest, 1.25)
        let digits = "\(loads.count - 1)".count
        let columns = min(options.width - digits - 28, Self.widestBar)
        var lines = shown.map { rank in
            let label = String(repeating: " ", count: digits - "\(rank)".count) + "\(rank)"
            let bar = bar(loads[rank], peak: peaks[rank], scale: scale, columns: columns)
            return "rank \(label) \(bar) \(text(loads[rank])), at most \(text(peaks[rank]))"
        }
        let rest = busiest.dropFirst(shown.count)
        if !fits, let most = rest.first, let least = rest.last {
            lines.append("\(rest.count) more ranks: \(text(loads[least])) to \(text(loads[most]))")
        }
        return lines + [legend]
    }

    private var legend: String {
        let steps = summary.windowSteps == 1 ? "the last step" : "the last \(summary.windowSteps) steps"
        return "copies / mean over ranks (\(meanMark)), over \(steps); \(peakFill) to the most of a layer"
    }

    private var meanMark: Character { options.unicode ? "│" : "|" }

    private var peakFill: Character { options.unicode ? "▒" : "=" }

    /// A bar of one load, thinner up to its peak, with a mark where the mean over ranks is.
    private func bar(_ load: Double, peak: Double, scale: Double, columns: Int) -> String {
        guard columns >= 4 else { return "" }
        var bar = Array(bar(filled: load / scale, columns: columns))
        let filled = Int((min(load / scale, 1) * Double(columns)).rounded())
        let end = Int((min(peak / scale, 1) * Double(columns)).rounded())
        for column in filled..<max(filled, end) { bar[column] = peakFill }
        bar[min(Int((Double(columns) / scale).rounded()), columns - 1)] = meanMark
        return String(bar)
    }

    private func text(_ ratio: Double) -> String { FixedPoint.text(ratio, decimals: 2) }
}
