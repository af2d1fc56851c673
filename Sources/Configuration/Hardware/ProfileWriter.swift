import Basics
public import CostModel
import Settings

/// Writes profiles as the YAML that ``ProfileReader`` reads.
public enum ProfileWriter {
    /// The text of a document: each constant behind a comment that says what it is, in the order of declaration.
    ///
    /// Constants that the document does not have are left out.
    public static func yaml<Key: ProfileConstant>(_ document: ProfileDocument<Key>) -> String {
        let base = document.extends.map { ["extends: \(YAMLScalar.text($0))"] } ?? []
        let head =
            ["name: \(YAMLScalar.text(document.name))", "summary: \(YAMLScalar.text(document.summary))"] + base
            + ["constants:"]
        let constants = Key.allCases.flatMap { key in document.constants[key].map { lines(key, $0) } ?? [] }
        return (head + constants).joined(separator: "\n") + "\n"
    }

    private static func lines<Key: ProfileConstant>(_ key: Key, _ constant: Constant) -> [String] {
        let fields = [
            ("value", DecimalText.text(constant.value)), ("unit", YAMLScalar.text(key.unit)),
            ("basis", constant.basis.rawValue), ("source", YAMLScalar.text(constant.source)),
        ]
        let spread = constant.spread.map { [("spread", DecimalText.text($0))] } ?? []
        return ["  # \(key.meaning)", "  \(key.rawValue):"] + (fields + spread).map { "    \($0): \($1)" }
    }
}
