import Basics
public import MoE
import Placement
public import Runtime
public import Settings

/// A configuration that is complete and consistent, with the source of every value.
public struct ResolvedConfiguration: Equatable, Sendable {
    /// The values as typed properties; paths are absolute.
    public private(set) var plan: RunPlan
    /// Every setting that applies, in the order of the reference.
    public let values: [ResolvedValue]
    /// Notes on settings that are allowed but seldom meant, and on what was taken for granted.
    public private(set) var notes: [String]
    /// The settings of the configuration file that the command passes over, since only those of another clock read them,
    /// each with its place; ``notes`` say whose they are.
    public let unread: [String]
    /// What config.json calls the model of the checkpoint, where `model.family` forced another family on it; else nil.
    public let forcedOn: String?
    /// The keys that were left out, since nothing reads them: of overrides that ask for it, and of the configuration
    /// where such an override is the reason.
    public let leftOut: [String]
    /// The options of the router that a preset, a checkpoint or a system gives: what its model has before anybody changes
    /// it.
    public let published: RouterOptions

    init(
        plan: RunPlan,
        values: [ResolvedValue],
        notes: [String] = [],
        unread: [String] = [],
        forcedOn: String? = nil,
        leftOut: [String] = [],
        published: RouterOptions = RouterOptions()
    ) {
        self.plan = plan
        self.values = values
        self.notes = notes
        self.unread = unread
        self.forcedOn = forcedOn
        self.leftOut = leftOut
        self.published = published
    }

    /// The configuration with a placement that was read, and notes on it.
    func with(placement: Placement, notes: [String]) -> ResolvedConfiguration {
        var placed = self
        placed.plan.placement = placement
        placed.notes += notes
        return placed
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
            let source = value.isOfRouter ? "router \(plan.routerName)" : value.source.description
            table.append([value.key, value.effective.map { $0 + unit } ?? value.absence, source])
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
    /// The value that the router has of an option that nothing gives, or nil.
    public let used: String?
    /// The text that tables show in place of a missing value.
    public let absence: String
    /// True where nothing gives the option of a router, and what the router has is known.
    public let isOfRouter: Bool
    /// The unit of the value, or nil for counts and names.
    public let unit: String?
    /// The source of the value.
    public let source: Source

    /// Create a value with its source.
    init(
        key: String,
        text: String?,
        used: String? = nil,
        absence: String,
        isOfRouter: Bool = false,
        unit: String?,
        source: Source
    ) {
        self.key = key
        self.text = text
        self.used = used
        self.absence = absence
        self.isOfRouter = isOfRouter
        self.unit = unit
        self.source = source
    }

    /// The value that counts: the one that is given, else the router's own; nil where there is none.
    public var effective: String? { text ?? used }
}
