import Basics
import MoE
import Runtime

/// The reference of all settings, made from the table that reads them.
public enum ConfigurationReference {
    /// The names of all sections.
    public static var sections: [String] { RunPlan.table.sections }

    /// The reference in Markdown, one table per section: key, allowed values, default, meaning.
    ///
    /// - Parameter sections: the names of the sections to show; all when empty.
    public static func markdown(of sections: [String] = []) -> String {
        (sections.isEmpty ? Self.sections : sections).map(section).joined(separator: "\n")
    }

    private static func section(_ name: String) -> String {
        let rows = RunPlan.table.options(in: name).map(row)
        let notes = StepClock.allCases.compactMap { readers($0, in: name) }.map { "\n\($0)\n" }.joined()
        return "### \(name)\n\n" + MarkdownTable.text(["key", "allowed", "default", "meaning"], rows: rows) + notes
    }

    /// A sentence on the settings of a section that only the commands of one clock read, or nil.
    private static func readers(_ clock: StepClock, in section: String) -> String? {
        let all = RunPlan.table.options(in: section)
        let own = all.filter { $0.readers.clock == clock }
        guard !own.isEmpty else { return nil }
        let names = own.count == all.count ? "these keys" : WordList.all(own.map { "`\($0.name)`" })
        let effects = own.filter { $0.readers == .effect(clock) }.map { "`\($0.name)`" }
        let more =
            effects.isEmpty ? "" : " \(WordList.all(effects)) must not be in the file of another command, either."
        return "Only \(clock.commands) read \(names).\(more)"
    }

    private static func row(_ setting: Option<RunPlan>) -> [String] {
        let unit = setting.unit.map { " (\($0))" } ?? ""
        let standard = setting.text(RunPlan()) ?? setting.absence
        let condition = setting.condition.map { " Applies when \($0.words)." } ?? ""
        return ["`\(setting.key)`", "\(setting.allowed)\(unit)", standard, "\(setting.help)\(condition)"]
    }
}

/// The table of all routers, made from the catalogue that configurations name them by.
public enum RouterReference {
    /// The reference in Markdown: a table with name, rule, losses, drops, users and source of each router, and the
    /// options that each router reads.
    public static func markdown() -> String {
        let rows = RouterCatalogue.entries.map { entry in
            ["`\(entry.name)`", entry.summary, entry.loss, entry.drop, entry.usedBy, entry.source]
        }
        let columns = ["router.kind", "routes by", "losses", "drops", "used by", "source"]
        return MarkdownTable.text(columns, rows: rows) + "\n" + options
    }

    /// The routers for a terminal, in lines of at most `width` characters where possible.
    public static func text(width: Int) -> String {
        var table = TextTable(columns: [
            .init("router.kind", alignment: .left), .init("what it does", alignment: .left, isWrapped: true),
        ])
        for entry in RouterCatalogue.entries {
            let parts = [
                entry.summary, "losses: \(entry.loss)", "drops: \(entry.drop)", "used by \(entry.usedBy)", entry.source,
            ]
            table.append([entry.name, parts.joined(separator: "; ")])
        }
        return table.lines(width: width).joined(separator: "\n")
    }

    /// The options that routers with a rule do not read, and those that each other router reads.
    private static var options: String {
        let entries = RouterCatalogue.entries
        let last = entries.last { $0.rule != nil }?.name ?? ""
        let missing = RouterOptions.rows.filter { isNamed($0) }.map(code)
        let others = entries.filter { $0.rule == nil }.map { ["`\($0.name)`", names($0)] }
        return "Routers down to `\(last)` read every option but \(WordList.all(missing)). The others read, where the "
            + "capacity options are \(WordList.all(RouterOptions.rows.filter(isOfQueues).map(code))):\n\n"
            + MarkdownTable.text(["router.kind", "options"], rows: others)
    }

    private static func names(_ entry: RouterCatalogue.Entry) -> String {
        let single = RouterOptions.rows.filter { entry.reads($0) && !(entry.hasQueues && isOfQueues($0)) }
        let read = single.map(code) + (entry.hasQueues ? ["the capacity options"] : [])
        return read.isEmpty ? "none" : read.joined(separator: ", ")
    }

    private static func isNamed(_ row: RouterOption) -> Bool { row.readers == .named }
    private static func isOfQueues(_ row: RouterOption) -> Bool { row.readers == .queues }
    private static func code(_ row: RouterOption) -> String { "`\(row.option.name)`" }
}
