public import Basics
internal import Configuration
import Foundation
import Reports
internal import Runtime
public import Settings

/// All points of a sweep, resolved and checked before anything runs.
public struct SweepPlan: Equatable, Sendable {
    /// The sweep file that was planned.
    public let file: SweepFile
    /// The points: by seed, then in the order of the file.
    public let points: [SweepPoint]
    /// The keys of `set`, and of the configuration, that some points read and others do not, in the order of the
    /// reference.
    public let keysOfSome: [String]

    /// Resolve every point.
    ///
    /// A value applies to the points that read its key: where a router, say, does not read an option that the sweep
    /// sets or varies, the option is left out, and points that then have the same configuration are one.
    ///
    /// - Parameter resolve: resolves the configuration with the given values on top.
    /// - Throws: `ConfigurationError` with all problems of all points, each once; else, with values that no point reads,
    ///   and points that are the same.
    init(
        _ file: SweepFile,
        resolve: ([Override]) throws(ConfigurationError) -> ResolvedConfiguration
    ) throws(ConfigurationError) {
        self.file = file
        let keys = file.keys
        let seeds = file.seeds.isEmpty ? [[]] : file.seeds.map { [$0] }
        var points: [SweepPoint] = []
        var problems = ProblemList()
        var readings = SweepReadings()
        for values in seeds.flatMap({ seed in file.combinations.map { file.fixed + seed + $0 } }) {
            do {
                let overrides = values.map {
                    Override(key: $0.key, value: $0.text, source: $0.source, isLeftOutWhereUnread: true)
                }
                let resolved = try resolve(overrides)
                let read = overrides.filter { !resolved.leftOut.contains($0.key) }
                readings.add(values, without: resolved.leftOut)
                let ofFile = resolved.leftOut.filter { key in !overrides.contains { $0.key == key } }
                readings.addOfFile(ofFile, at: values)
                let point = SweepPoint(read, keys: keys, resolved: resolved, leavesOutOfFile: !ofFile.isEmpty)
                if !readings.isKnown(point.id, leavesOut: !resolved.leftOut.isEmpty) { points.append(point) }
            } catch {
                problems.addNew(error)
            }
        }
        try problems.throwIfAny()
        for values in readings.unread {
            let overrides = values.map { Override(key: $0.key, value: $0.text, source: $0.source) }
            do { _ = try resolve(overrides) } catch { problems.addNew(error) }
        }
        try problems.throwIfAny()
        let fixed = Set(points.flatMap(\.resolved.leftOut)).subtracting(keys + file.seeds.prefix(1).map(\.key))
        let keysOfSome = RunPlan.table.options.map(\.key).filter(fixed.contains)
        self.keysOfSome = keysOfSome
        self.points = keysOfSome.isEmpty ? points : points.map { $0.with(keysOfSome: keysOfSome) }
        for problem in same + ambiguous { problems.add(problem) }
        try problems.throwIfAny()
    }

    /// Problems of points that have the same configuration.
    private var same: [ConfigurationProblem] {
        var first: [String: Int] = [:]
        return points.indices.compactMap { index in
            guard let other = first.updateValue(index, forKey: points[index].id) else { return nil }
            let place = points[index].overrides.last?.source.location ?? file.path
            let message = "points \(other + 1) and \(index + 1) of the sweep have the same configuration, allowed: once"
            return ConfigurationProblem(location: place, message: message)
        }
    }

    /// Problems of points that agree in seed, scale and the values of ``SweepFile/keysBesideScale``: no rule says which
    /// of them larger points are compared with.
    private var ambiguous: [ConfigurationProblem] {
        guard file.ideal != nil else { return [] }
        let compared = Set(file.keysBesideScale + [file.scale])
        var seen: Set<[String]> = []
        return points.compactMap { point in
            let place = point.parameters.filter { compared.contains($0.key) }.map { $0.text ?? "" } + ["\(point.seed)"]
            guard !seen.insert(place).inserted else { return nil }
            let scale = point.parameters.first { $0.key == file.scale }?.text ?? ""
            let message = "more than one point with \(file.scale) \(scale) to hold others against, allowed: one"
            let source = point.overrides.last { $0.key == file.scale }?.source
            return ConfigurationProblem(location: source?.location ?? file.path, key: "ideal", message: message)
        }
    }
}

/// The values of a sweep that some point reads, and those that none does.
private struct SweepReadings {
    private var read: [GivenValue] = []
    private var leftOut: [(value: GivenValue, point: [GivenValue])] = []
    /// The points so far, by their names, each with whether it leaves a value out.
    private var points: [String: Bool] = [:]
    /// The keys of the configuration that all points so far leave out, and the values of the first point; nil before it.
    private var ofFile: (keys: Set<String>, point: [GivenValue])?

    /// Add the keys of the configuration that a point leaves out.
    mutating func addOfFile(_ keys: [String], at values: [GivenValue]) {
        ofFile = ofFile.map { ($0.keys.intersection(keys), $0.point) } ?? (Set(keys), values)
    }

    /// Add the values of a point, which reads all but those of some keys.
    mutating func add(_ values: [GivenValue], without keys: [String]) {
        for value in values {
            if keys.contains(value.key) {
                leftOut.append((value, values))
            } else if !read.contains(value) {
                read.append(value)
            }
        }
    }

    /// True for a point that an earlier one is the same as, because one of the two leaves a value out.
    mutating func isKnown(_ id: String, leavesOut: Bool) -> Bool {
        guard let earlier = points[id] else {
            points[id] = leavesOut
            return false
        }
        return earlier || leavesOut
    }

    /// The values of the first point that leaves a value out which no point reads, for each such value; then those of
    /// the first point where no point reads some key of the configuration.
    var unread: [[GivenValue]] {
        var seen: [GivenValue] = []
        let file = ofFile.map { $0.keys.isEmpty ? [] : [$0.point] } ?? []
        return leftOut.filter { entry in
            guard !read.contains(entry.value), !seen.contains(entry.value) else { return false }
            seen.append(entry.value)
            return true
        }.map(\.point) + file
    }
}

extension ProblemList {
    /// Add those problems of an error that the list does not hold yet; most of them occur at many points.
    fileprivate mutating func addNew(_ error: ConfigurationError) {
        for problem in error.problems where !kept.contains(problem) { add(problem) }
    }
}

/// The loader of sweeps: it reads the files, and leaves every decision to the pure types beside it.
public enum SweepLoader {
    /// Load a sweep file and resolve all its points.
    ///
    /// Values of the sweep are stronger than the environment, as flags are.
    ///
    /// - Parameters:
    ///   - file: the YAML file, looked for as `ShippedFile` says.
    ///   - environment: the variables of the process, as `ConfigurationLoader` reads them.
    ///   - clock: the clock of the command, or nil for that of the file.
    /// - Returns: the plan, and the text of the file.
    /// - Throws: `ConfigurationError` with all problems of the file; when there are none, with all those of its points.
    public static func load(
        file: String,
        environment: [String: String],
        for clock: StepClock? = nil
    ) throws(ConfigurationError) -> (plan: SweepPlan, text: String) {
        let file = try ShippedFile.find(file)
        let text = try TextFile.read(file)
        let workingDirectory = FileManager.default.currentDirectoryPath
        let directory = PathText.absolute(Folder.of(file), in: workingDirectory)
        let sweep = try SweepFile(yaml: text, file: file, directory: directory)
        var catalogues = KnownCatalogues()
        let plan = try SweepPlan(sweep) { overrides throws(ConfigurationError) in
            do throws(ConfigurationError) {
                return try ConfigurationLoader.load(
                    file: sweep.config,
                    overrides: overrides,
                    environment: environment,
                    for: clock ?? sweep.clock,
                    catalogues: &catalogues
                )
            } catch {
                throw SettingsKind.sweepInsteadOfConfiguration(sweep.config) ?? error
            }
        }
        return (plan, text)
    }
}
