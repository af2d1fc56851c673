import Basics
public import Runtime
public import Settings

/// A configuration that is complete and consistent, with the source of every value.
public struct ResolvedConfiguration: Equatable, Sendable {
    /// The values as typed properties; paths are absolute.
    public let plan: RunPlan
    /// Every setting that applies, in the order of the reference.
    public let values: [ResolvedValue]
    /// Notes on settings that are allowed but seldom meant, and on what was taken for granted.
    public let notes: [String]
    /// What config.json calls the model of the checkpoint, where `model.family` forced another family on it; else nil.
    public let forcedOn: String?

    init(plan: RunPlan, values: [ResolvedValue], notes: [String] = [], forcedOn: String? = nil) {
        self.plan = plan
        self.values = values
        self.notes = notes
        self.forcedOn = forcedOn
    }

    /// The settings of a section that the environment or a flag gives, for this run alone, each with its source:
    /// `hardware.kernel (flag --set)`.
    public func givenForThisRun(in section: String) -> [String] {
        values.filter { $0.key.hasPrefix("\(section).") && $0.source.isOfOneRun }.map { "\($0.key) (\($0.source))" }
    }

    /// The configuration as a file that loads back to the same values anywhere on this machine.
    public var yaml: String {
        let sections = RunPlan.table.sections.map { section in
            let lines = RunPlan.table.options(in: section).compactMap(line)
            return "\(section):\n\(lines.joined())"
        }
        return sections.joined(separator: "\n")
    }

    private func line(_ setting: Option<RunPlan>) -> String? {
        guard let text = values.first(where: { $0.key == setting.key })?.text else { return nil }
        return "  \(setting.yaml(text))\n"
    }

    /// The settings in three aligned columns: key, value with unit, and source of the value.
    public func showTable() -> String {
        var table = TextTable(columns: ["key", "value", "from"].map { TextTable.Column($0, alignment: .left) })
        for value in values {
            let unit = value.unit.map { " \($0)" } ?? ""
            table.append([value.key, value.text.map { $0 + unit } ?? value.absence, value.source.description])
        }
        return table.lines().map { "\($0)\n" }.joined()
    }
}

/// The value of one setting that applies to a run.
public struct ResolvedValue: Equatable, Sendable {
    /// The dotted key.
    public let key: String
    /// The value as YAML reads it, or nil when the setting has none.
    public let text: String?
    /// The text that tables show in place of a missing value.
    public let absence: String
    /// The unit of the value, or nil for counts and names.
    public let unit: String?
    /// The source of the value.
    public let source: Source

    /// Create a value with its source.
    init(key: String, text: String?, absence: String, unit: String?, source: Source) {
        self.key = key
        self.text = text
        self.absence = absence
        self.unit = unit
        self.source = source
    }
}
