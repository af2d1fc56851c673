import Basics
import Settings

/// The checks of a sweep file that need more than one of its values.
struct SweepChecks {
    let reader: SweepReader
    let file: String

    /// All conflicts between values of the file.
    var problems: [ConfigurationProblem] {
        (required + repeated + reserved + [count] + scale).compactMap(\.self)
    }

    private var required: [ConfigurationProblem?] {
        let schema = SweepSchema.schema
        return schema.options.filter { $0.isRequired && $0.text(reader.settings) == nil }.map { setting in
            ConfigurationProblem(location: file, key: setting.key, message: "missing, allowed: \(setting.allowed)")
        }
    }

    /// Problems of keys that several parts of the file give, and of values that a key of the grid has more than once.
    private var repeated: [ConfigurationProblem?] {
        let parts: [(name: String, first: [GivenValue])] = [
            ("seeds", Array(reader.seeds.prefix(1))), ("set", reader.fixed), ("list", Self.once(reader.list.joined())),
            ("grid", reader.grid.compactMap(\.first)),
        ]
        var problems: [ConfigurationProblem?] = []
        for (index, part) in parts.enumerated() {
            for value in part.first {
                guard let other = parts[..<index].first(where: { $0.first.contains { $0.key == value.key } }) else {
                    continue
                }
                problems.append(
                    problem(value, part.name, "given by \(other.name) and again by \(part.name), allowed: once")
                )
            }
        }
        return problems
            + reader.grid.flatMap { Self.duplicates($0) }.map { value in
                problem(value, "grid", "found \(Quoted.value(value.text)) more than once, allowed: once")
            }
    }

    /// Problems of the key that a sweep may not set, `run.out`: a sweep keeps its runs in its own folder.
    private var reserved: [ConfigurationProblem?] {
        let parts = [
            ("set", reader.fixed), ("grid", reader.grid.compactMap(\.first)), ("list", Array(reader.list.joined())),
        ]
        return parts.flatMap { part, values in
            values.filter { $0.key == "run.out" }.map { value in
                problem(value, part, "does not apply: a sweep keeps its runs in its own folder, which out names")
            }
        }
    }

    private var count: ConfigurationProblem? {
        let (list, grid) = (reader.list.count, reader.grid.map(\.count))
        let (seeds, repeats) = (reader.seeds.count, reader.settings.repeats)
        let runs = SweepFile.runs(list: list, grid: grid, seeds: seeds, repeats: repeats)
        guard runs.map({ $0 > SweepFile.mostRuns }) ?? true else { return nil }
        let found = runs.map { "\($0)" } ?? "more than \(Int.max)"
        let message = "found \(found) runs (points times repeats), allowed: at most \(SweepFile.mostRuns)"
        return ConfigurationProblem(location: file, message: message)
    }

    /// Problems of the scale, which has to be varied by numbers above 0.
    private var scale: [ConfigurationProblem?] {
        let (schema, settings) = (SweepSchema.schema, reader.settings)
        guard let setting = schema["scale"] else { return [] }
        if let obstacle = schema.obstacle(to: setting, in: settings) {
            let message =
                "does not apply: it applies when \(obstacle.words), but ideal is \(settings.ideal?.rawValue ?? "none")"
            return [reader.source("scale").map { .init(location: $0.location, key: "scale", message: message) }]
        }
        let values = (Array(reader.list.joined()) + Array(reader.grid.joined())).filter { $0.key == settings.scale }
        guard let place = reader.source("scale") ?? reader.source("ideal") else { return [] }
        guard !values.isEmpty else {
            let message = "found \(settings.scale), which nothing varies, allowed: \(setting.allowed)"
            return [ConfigurationProblem(location: place.location, key: "scale", message: message)]
        }
        return values.filter { (DecimalText.value($0.text) ?? 0) <= 0 }.map { value in
            problem(value, settings.scale, "found \(Quoted.value(value.text)), allowed for the scale: a number above 0")
        }
    }

    private func problem(_ value: GivenValue, _ part: String, _ message: String) -> ConfigurationProblem {
        let key = part == value.key ? value.key : "\(part).\(value.key)"
        return ConfigurationProblem(location: value.source.location, key: key, message: message)
    }

    /// The first given value of each key.
    private static func once(_ values: some Sequence<GivenValue>) -> [GivenValue] {
        var seen: Set<String> = []
        return values.filter { seen.insert($0.key).inserted }
    }

    /// The values whose text an earlier value has.
    private static func duplicates(_ values: [GivenValue]) -> [GivenValue] {
        var seen: Set<String> = []
        return values.filter { !seen.insert($0.text).inserted }
    }
}
