import Basics
import MoE

/// The table of all routers, made from the catalogue that configurations name them by.
public enum RouterReference {
    /// One Markdown table: name, rule, losses, what is dropped, who uses it, source; and which options which router
    /// reads.
    public static func markdown() -> String {
        let head = "| router.kind | routes by | losses | drops | used by | source |\n|---|---|---|---|---|---|\n"
        return head + RouterCatalog.entries.map(row).joined() + "\n" + options
    }

    private static func row(_ entry: RouterCatalog.Entry) -> String {
        let cells = ["`\(entry.name)`", entry.summary, entry.loss, entry.drop, entry.usedBy, entry.source]
        return "| \(cells.joined(separator: " | ")) |\n"
    }

    /// What the routers of a rule do not read, and what the others do.
    private static var options: String {
        let entries = RouterCatalog.entries
        let rules = entries.first { $0.rule != nil }?.reads ?? []
        let last = entries.last { $0.rule != nil }?.name ?? ""
        let missing = RouterOption.allCases.filter { !rules.contains($0) }.map(code)
        let others = entries.filter { $0.rule == nil }.map { "| `\($0.name)` | \(names($0.reads)) |\n" }.joined()
        return "Routers down to `\(last)` read every option but \(WordList.all(missing)). The others read, where the "
            + "capacity options are \(WordList.all(capacity.map(code))):\n\n"
            + "| router.kind | options |\n|---|---|\n\(others)"
    }

    private static let capacity: [RouterOption] = RouterOption.allCases.filter {
        $0 == .drop || $0.rawValue.contains("capacity")
    }

    private static func names(_ options: Set<RouterOption>) -> String {
        let isQueue = options.isSuperset(of: capacity)
        let single = RouterOption.allCases.filter { options.contains($0) && !(isQueue && capacity.contains($0)) }
        let read = single.map(code) + (isQueue ? ["the capacity options"] : [])
        return read.isEmpty ? "none" : read.joined(separator: ", ")
    }

    private static func code(_ option: RouterOption) -> String { "`\(option.rawValue)`" }
}
