import Basics
internal import Reports
internal import Runtime

/// The keys of a sweep file.
enum SweepSchema {
    /// The names of the mappings whose keys are those of a configuration.
    static let parts = ["set", "grid", "list"]

    static let schema = OptionTable(settings, others: parts)

    private typealias Entry = Option<SweepSettings>

    private static let settings: [Entry] = [
        Entry(
            optional: "config",
            \.config,
            .path,
            "The configuration that every point starts from.",
            required: true
        ),
        Entry("clock", \.clock, .choice, "Whether points are run, or predicted."),
        Entry("repeats", \.repeats, .integer(1...1000), "Runs of every point."),
        Entry(optional: "seeds", \.seeds, .seeds, "Seeds that every point runs with, in place of run.seed."),
        Entry("ideal", \.ideal, .choice(or: "none"), "What the points are held against."),
        Entry(
            "scale",
            \.scale,
            .configurationKey,
            "The key that makes a point larger.",
            when: Condition("ideal", "ideal is \(WordList.alternatives(ScalingIdeal.allCases.map(\.rawValue)))") {
                $0.ideal != nil
            }
        ),
        Entry(optional: "out", \.out, .path, "The folder of the results."),
    ]
}

extension ValueRule where Value == [UInt64] {
    /// The rule of a list of different seeds.
    fileprivate static var seeds: ValueRule {
        let most = 1000
        return ValueRule(
            allowed: "at most \(most) different integers from 0 to \(UInt64.max), such as [1, 2, 3]",
            form: .list,
            value: { text in
                let parts = text.split(separator: ",", omittingEmptySubsequences: false)
                let seeds = parts.compactMap { part in UInt64(part).flatMap { String($0) == part ? $0 : nil } }
                guard seeds.count == parts.count, seeds.count <= most, Set(seeds).count == seeds.count else {
                    return nil
                }
                return seeds
            },
            text: { $0.map { String($0) }.joined(separator: ",") }
        )
    }
}

extension ValueRule where Value == String {
    /// The rule of a value that is a key of a configuration, such as `cluster.workers`.
    fileprivate static var configurationKey: ValueRule {
        let keys = RunPlan.table.options.map(\.key)
        return ValueRule(
            allowed: "a key that grid or list varies",
            form: .text,
            value: { keys.contains($0) ? $0 : nil },
            text: { $0 },
            nearest: { NearestName.of($0, among: keys) }
        )
    }
}

/// The settings of a sweep file, beside the values that it sets and varies.
struct SweepSettings: Equatable, Sendable {
    /// The path of the configuration that every point starts from.
    var config: String?
    /// The clock that points are timed by.
    var clock = StepClock.measured
    /// The number of runs of every point.
    var repeats = 1
    /// The seeds that every point runs with, or nil for the seed of the configuration.
    var seeds: [UInt64]?
    /// The ideal of scaling that points are compared with, or nil for none.
    var ideal: ScalingIdeal?
    /// The key whose value is the scale of a point.
    var scale = "cluster.workers"
    /// The folder of the results.
    var out: String?
}
