import Settings
import Basics
import Configuration
import MoE
import Runtime

/// The router of a run in words, for headers.
struct RouterText {
    private let configuration: RunPlan
    private let values: [ResolvedValue]
    private let entry: RouterCatalog.Entry?

    /// The router of a resolved configuration.
    init(_ resolved: ResolvedConfiguration) {
        configuration = resolved.plan
        values = resolved.values
        entry = RouterCatalog.entry(named: configuration.routerName)
    }

    /// Name, mode and rule, what it drops, and what is otherwise than published.
    var line: String {
        let name = configuration.routerName + mode
        guard let entry else { return name }
        guard let published = entry.rule else { return "\(name): \(entry.summary)" + others(entry) }
        let rule = published.applying(configuration.router.options)
        var modeOnly = RouterOptions()
        modeOnly.training = configuration.router.options.training
        let changes = rule.changes(from: published.applying(modeOnly))
        return "\(name): \(rule.summary); drops \(rule.dropSummary)" + Self.list(changes, after: "; changed: ")
    }

    /// To what queues are padded, where they are.
    var padding: String {
        let rule = entry?.rule?.applying(configuration.router.options)
        return rule?.blockRows.map { "blocks of \($0) rows" } ?? "the capacity of their experts"
    }

    private var mode: String {
        guard entry?.reads(\.training) == true else { return "" }
        return configuration.router.options.training == false ? " in evaluation" : " in training"
    }

    /// Copies per token and the settings of a router that is not a row of values.
    private func others(_ entry: RouterCatalog.Entry) -> String {
        var text = ""
        if entry.reads(\.topK), let copies = try? configuration.copiesPerToken() {
            text += "; at most \(copies == 1 ? "1 copy" : "\(copies) copies") a token"
        }
        let set = RouterOptions.rows.filter { entry.reads($0) }.compactMap { row -> String? in
            let value = values.first { $0.key == "router.\(row.option.key)" }
            guard let text = value?.text, value?.source != .builtIn else { return nil }
            return "\(row.option.key) \(text)"
        }
        return text + Self.list(set, after: "; set: ")
    }

    private static func list(_ parts: [String], after start: String) -> String {
        parts.isEmpty ? "" : start + parts.joined(separator: ", ")
    }
}
