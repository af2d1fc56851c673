public import Basics
import Reports
public import Settings

/// A sweep file: a configuration, the values set in it, and the values varied.
///
/// Every value keeps its place in the file, so that an error which shows only when a point is resolved names it.
public struct SweepFile: Equatable, Sendable {
    /// The largest number of runs of a sweep, points times repeats.
    public static let mostRuns = 10_000

    /// The path of the file, as it was named.
    public let path: String
    /// The path of the configuration that every point starts from.
    public let config: String
    /// The clock that points are timed by.
    public let clock: StepClock
    /// The number of runs of every point.
    public let repeats: Int
    /// The ideal of scaling that points are compared with, or nil for none.
    public let ideal: ScalingIdeal?
    /// The key whose value is the scale of a point, such as `cluster.workers`.
    public let scale: String
    /// The folder of the results, or nil where the file names none.
    public let out: String?
    /// The seeds of every point, as values of `run.seed`; empty where the seed of the configuration is used.
    let seeds: [GivenValue]
    /// The values that all points share.
    let fixed: [GivenValue]
    /// The values of each key of `grid`, in the order of the file.
    let grid: [[GivenValue]]
    /// The values of each entry of `list`.
    let list: [[GivenValue]]

    /// Read the text of a sweep file.
    ///
    /// - Parameters:
    ///   - yaml: the text of the file.
    ///   - file: the path of the file, for errors; relative paths of `config` and `out` start at its folder.
    ///   - directory: the folder of the file, absolute, where relative paths among the values start.
    /// - Throws: `ConfigurationError` with all problems of the file.
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

    /// The keys that the sweep varies, without seeds: those of `list` first.
    public var keys: [String] { Self.keys(list: list, grid: grid) }

    /// The keys whose values two points must share to be compared by scale.
    ///
    /// A key that is given beside the scale in `list` grows with it, and is not among these.
    public var keysBesideScale: [String] {
        let ofGrid = grid.compactMap(\.first?.key).filter { $0 != scale }
        let ofList = keys.filter { key in !grid.contains { $0.first?.key == key } }
        return (ofList.contains(scale) ? [] : ofList) + ofGrid
    }

    /// The number of runs, points times repeats, or nil where that overflows.
    static func runs(list: Int, grid: [Int], seeds: Int, repeats: Int) -> Int? {
        ([max(1, list), max(1, seeds), repeats] + grid).reduce(1) { product, factor in
            guard let (value, overflows) = product?.multipliedReportingOverflow(by: factor) else { return nil }
            return overflows ? nil : value
        }
    }

    /// The values of every point: entries of the list, which vary slowest, times the product of the grid, whose first
    /// key varies slower than the others.
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
