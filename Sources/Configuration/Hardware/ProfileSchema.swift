import Basics
import CostModel

/// The keys of a profile file: `name`, `summary`, `extends` and, for each constant, `constants.<constant>.value` and so on.
enum ProfileSchema {
    static func schema<Key: ProfileConstant>(_ keys: Key.Type) -> OptionTable<ProfileDraft<Key>> {
        OptionTable(
            [
                Option(optional: "name", \.name, .words, "What the profile is called.", required: true),
                Option(optional: "summary", \.summary, .words, "What it is, in one line.", required: true),
                Option(
                    optional: "extends",
                    \.extends,
                    .words,
                    "The profile that gives the constants which are not here."
                ),
            ] + Key.allCases.flatMap { settings($0) }
        )
    }

    private static func settings<Key: ProfileConstant>(_ key: Key) -> [Option<ProfileDraft<Key>>] {
        let section = "constants.\(key.rawValue)"
        return [
            Option(optional: "\(section).value", \.[key].value, .number(in: key.range), key.meaning, required: true),
            Option(optional: "\(section).unit", \.[key].unit, .exactly(key.unit), "Its unit.", required: true),
            Option(optional: "\(section).basis", \.[key].basis, .choice, "Where it comes from.", required: true),
            Option(optional: "\(section).source", \.[key].source, .words, "The document or table.", required: true),
            Option(
                optional: "\(section).spread",
                \.[key].spread,
                .number(from: 0),
                "How far off it may be, relative."
            ),
        ]
    }
}

extension ValueRule where Value == Double {
    /// A number that a constant may have.
    fileprivate static func number(in range: ConstantRange) -> ValueRule {
        ValueRule(
            allowed: range.allowed,
            form: .bare,
            value: { DecimalText.value($0).flatMap { range.contains($0) ? $0 : nil } },
            text: { DecimalText.text($0) }
        )
    }
}

extension ValueRule where Value == String {
    /// One text only: a file that states another unit has numbers that mean something else.
    fileprivate static func exactly(_ text: String) -> ValueRule {
        ValueRule(allowed: text, form: .text, value: { $0 == text ? $0 : nil }, text: { $0 })
    }
}
