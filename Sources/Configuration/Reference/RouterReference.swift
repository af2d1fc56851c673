import Basics
import MoE

/// The table of all routers, made from the catalogue that configurations name them by.
public enum RouterReference {
    /// One Markdown table: name, rule, losses, what is dropped, who uses it, source; and which options which router
    /// reads.
    public static func markdown() -> String {
        let rows = RouterCatalog.entries.map { entry in
            ["`\(entry.name)`", entry.summary, entry.loss, entry.drop, entry.usedBy, entry.source]
        }
        let columns = ["router.kind", "routes by", "losses", "drops", "used by", "source"]
        return MarkdownTable.text(columns, rows: rows) + "\n" + options
    }

    /// What the routers of a rule do not read, and what the others do.
    private static var options: String {
        let entries = RouterCatalog.entries
        let last = entries.last { $0.rule != nil }?.name ?? ""
        let missing = RouterOptions.rows.filter { isNamed($0) }.map(code)
        let others = entries.filter { $0.rule == nil }.map { ["`\($0.name)`", names($0)] }
        return "Routers down to `\(last)` read every option but \(WordList.all(missing)). The others read, where the "
            + "capacity options are \(WordList.all(RouterOptions.rows.filter(isOfQueues).map(code))):\n\n"
            + MarkdownTable.text(["router.kind", "options"], rows: others)
    }

    private static func names(_ entry: RouterCatalog.Entry) -> String {
        let single = RouterOptions.rows.filter { entry.reads($0) && !(entry.hasQueues && isOfQueues($0)) }
        let read = single.map(code) + (entry.hasQueues ? ["the capacity options"] : [])
        return read.isEmpty ? "none" : read.joined(separator: ", ")
    }

    private static func isNamed(_ row: RouterOption) -> Bool { row.readers == .named }
    private static func isOfQueues(_ row: RouterOption) -> Bool { row.readers == .queues }
    private static func code(_ row: RouterOption) -> String { "`\(row.option.name)`" }
}
