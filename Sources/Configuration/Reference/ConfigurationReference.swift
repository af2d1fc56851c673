import Runtime
import Basics

/// The reference of all settings, made from the table that reads them.
public enum ConfigurationReference {
    /// The sections that there are.
    public static var sections: [String] { RunPlan.table.sections }

    /// One Markdown table per section: key, allowed values, default, meaning.
    ///
    /// - Parameter sections: those to show, all when there are none.
    public static func markdown(of sections: [String] = []) -> String {
        (sections.isEmpty ? Self.sections : sections).map(section).joined(separator: "\n")
    }

    private static func section(_ name: String) -> String {
        let rows = RunPlan.table.options(in: name).map(row)
        return "### \(name)\n\n" + MarkdownTable.text(["key", "allowed", "default", "meaning"], rows: rows)
    }

    private static func row(_ setting: Option<RunPlan>) -> [String] {
        let unit = setting.unit.map { " (\($0))" } ?? ""
        let standard = setting.text(RunPlan()) ?? setting.absence
        let condition = setting.condition.map { " Applies when \($0.words)." } ?? ""
        return ["`\(setting.key)`", "\(setting.allowed)\(unit)", standard, "\(setting.help)\(condition)"]
    }
}
