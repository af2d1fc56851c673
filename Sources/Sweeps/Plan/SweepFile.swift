public import Settings

/// A sweep file: a configuration, the values set in it, and the values varied.
///
/// Every value keeps its place in the file, so that an error which shows only when a point is resolved names it.
public struct SweepFile: Equatable, Sendable {
    /// Runs that a sweep may have at most: points times repeats.
    public static let mostRuns = 10_000

    /// The file as it was named.
    public let path: String
    /// The configuration that every point starts from.
    public let config: String
    /// By which clock points are timed.
    public let clock: SweepClock
    /// Runs of every point.
    public let repeats: Int
    /// What the points are held against.
    public let ideal: ScalingIdeal?
    /// The key that makes a point larger.
    public let scale: String
    /// The folder of the results, or nil where the file names none.
    public let out: String?
    /// The seeds of every point, as values of `run.seed`; empty where the configuration's is used.
    let seeds: [GivenValue]
    /// Values that all points share.
    let fixed: [GivenValue]
    /// The values of each key of `grid`, in the order of the file.
    let grid: [[GivenValue]]
    /// The values of each entry of `list`.
    let list: [[GivenValue]]

    /// Read the text of a sweep file.
    ///
    /// - Parameters:
    ///   - yaml: the text.
    ///   - file: its name, for errors; relative paths of `config` and `out` start at its folder.
    ///   - directory: its folder, absolute, where relative paths among the values start.
    /// - Throws: everything that is wrong with it.
    public init(yaml: String, file: String, directory: String) throws(ConfigurationError) {
        let reader = try SweepReader(yaml: yaml, file: file, directory: directory)
        try reader.check()
        path = file
        config = reader.path("config") ?? ""
        out = reader.path("out")
        let settings = reader.settings
        (clock, repeats, ideal, scale) = (settings.clock, settings.repeats, settings.ideal, settings.scale)
        (seeds, fixed, grid, list) = (reader.seeds, reader.fixed, reader.grid, reader.list)
    }

    /// The keys that the sweep varies, those of `list` first; without seeds.
    public var keys: [String] { Self.keys(list: list, grid: grid) }

    /// The keys that have to be equal where two points are held against each other.
    ///
    /// A key that stands beside the scale in `list` grows with it.
    public var keysBesideScale: [String] {
        let ofGrid = grid.compactMap(\.first?.key).filter { $0 != scale }
        let ofList = keys.filter { key in !grid.contains { $0.first?.key == key } }
        return (ofList.contains(scale) ? [] : ofList) + ofGrid
    }

    /// Points times repeats, or nil where that overflows.
    static func runs(list: Int, grid: [Int], seeds: Int, repeats: Int) -> Int? {
        ([max(1, list), max(1, seeds), repeats] + grid).reduce(1) { product, factor in
            guard let (value, overflows) = product?.multipliedReportingOverflow(by: factor) else { return nil }
            return overflows ? nil : value
        }
    }

    /// The values of every point: entries of the list, slowest, times the product of the grid, whose first key is
    /// slower than the others.
    var combinations: [[GivenValue]] {
        grid.reduce(list.isEmpty ? [[]] : list) { points, values in
            points.flatMap { point in values.map { point + [$0] } }
        }
    }

    private static func keys(list: [[GivenValue]], grid: [[GivenValue]]) -> [String] {
        var keys: [String] = []
        for key in list.joined().map(\.key) + grid.compactMap(\.first?.key) where !keys.contains(key) {
            keys.append(key)
        }
        return keys
    }
}

/// By which clock the points of a sweep are timed.
public enum SweepClock: String, CaseIterable, Sendable {
    /// Wall time of real processes.
    case measured
    /// A cost model over a hardware profile.
    case modelled
}
