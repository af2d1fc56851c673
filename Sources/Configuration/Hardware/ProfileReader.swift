import Basics
public import CostModel
public import Settings

/// The strict reader of profile files of any kind: every key must be known, every constant given unless the file
/// extends another, every unit as expected.
public enum ProfileReader {
    /// Read a profile from the text of its file.
    ///
    /// - Parameter file: the name of the text in errors.
    /// - Throws: `ConfigurationError` with all problems of the text, by line and key.
    public static func read<Key: ProfileConstant>(
        yaml: String,
        file: String,
        keys: Key.Type = Key.self
    ) throws(ConfigurationError) -> ProfileDocument<Key> {
        let schema = ProfileSchema.schema(keys)
        var reader = MappingReader(table: schema, file: file, directory: "", root: ProfileDraft<Key>())
        let allowed = "a mapping with name, summary and constants"
        reader.read(try YAMLDocument.mapping(of: yaml, file: file, allowed: allowed))
        var problems = reader.layer.problems
        // With problems left out, nobody can tell what is missing from what is wrong.
        if problems.omitted == 0 {
            let gaps = GapSearch(
                schema: schema,
                layer: reader.layer,
                file: file,
                extends: reader.layer.values.extends != nil,
                optional: Set(Key.later.map { "constants.\($0.rawValue)" })
            )
            problems.add(gaps.problems)
        }
        try problems.throwIfAny()
        return document(reader.layer.values)
    }

    private static func document<Key: ProfileConstant>(_ draft: ProfileDraft<Key>) -> ProfileDocument<Key> {
        let constants = Key.allCases.compactMap { key in draft[key].constant.map { (key, $0) } }
        return ProfileDocument(
            name: draft.name ?? "",
            summary: draft.summary ?? "",
            extends: draft.extends,
            constants: Dictionary(constants, uniquingKeysWith: { first, _ in first })
        )
    }
}

/// The search for keys that are missing from a mapping. A key with a wrong value is not missing.
private struct GapSearch<Root: Sendable> {
    let schema: OptionTable<Root>
    let file: String
    /// Whether another profile gives the missing constants.
    let extends: Bool
    /// The sections of constants that may be absent.
    let optional: Set<String>
    private let sources: [String: Source]
    private let wrong: Set<String>

    init(schema: OptionTable<Root>, layer: Layer<Root>, file: String, extends: Bool, optional: Set<String>) {
        self.schema = schema
        self.file = file
        self.extends = extends
        self.optional = optional
        sources = Dictionary(layer.assignments.map { ($0.key, $0.source) }, uniquingKeysWith: { first, _ in first })
        wrong = Set(layer.problems.kept.compactMap(\.key))
    }

    var problems: ProblemList {
        var problems = ProblemList()
        let constants = schema.sections.filter { $0.contains(".") }
        let absent = constants.filter { !isThere($0) }
        for section in [""] + constants where !absent.contains(section) {
            let place = schema.options(in: section).compactMap { sources[$0.key]?.location }.first ?? file
            for setting in schema.options(in: section) where setting.isRequired && !isRead(setting.key) {
                let message = "missing, allowed: \(setting.allowed)"
                problems.add(
                    ConfigurationProblem(location: section.isEmpty ? file : place, key: setting.key, message: message)
                )
            }
        }
        let needed = absent.filter { !optional.contains($0) }
        if !needed.isEmpty, !extends, !wrong.contains("constants"), !wrong.contains("extends") {
            let names = WordList.all(needed.map { String($0.dropFirst("constants.".count)) })
            let message = "missing \(names), allowed: every constant with value, unit, basis and source"
            problems.add(ConfigurationProblem(location: file, key: "constants", message: message))
        }
        return problems
    }

    private func isRead(_ key: String) -> Bool { sources[key] != nil || wrong.contains(key) }

    private func isThere(_ section: String) -> Bool {
        wrong.contains(section) || schema.options(in: section).contains { isRead($0.key) }
    }
}

/// The keys of a profile file: `name`, `summary`, `extends` and, for each constant, `constants.<constant>.value` and so
/// on.
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
    /// The rule of a number in the range of a constant.
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
    /// The rule of one fixed text, for units: a file that states another unit has numbers of another meaning.
    fileprivate static func exactly(_ text: String) -> ValueRule {
        ValueRule(allowed: text, form: .text, value: { $0 == text ? $0 : nil }, text: { $0 })
    }
}

/// A profile while its file is read; nil where no value was read yet.
struct ProfileDraft<Key: ProfileConstant>: Sendable {
    var name: String?
    var summary: String?
    var extends: String?
    private var constants: [Key: ConstantDraft] = [:]

    init() {}

    subscript(key: Key) -> ConstantDraft {
        get { constants[key] ?? ConstantDraft() }
        set { constants[key] = newValue }
    }
}

/// A constant of a profile while its mapping is read.
struct ConstantDraft: Sendable {
    var value: Double?
    var unit: String?
    var basis: Constant.Basis?
    var source: String?
    var spread: Double?

    /// The constant, or nil when a key is missing.
    var constant: Constant? {
        guard let value, unit != nil, let basis, let source else { return nil }
        return Constant(value, basis: basis, source: source, spread: spread)
    }
}

/// The content of a profile file: name, summary, and every constant of one kind of profile, or some of them and the
/// name of the profile that gives the others.
public struct ProfileDocument<Key: ProfileConstant>: Equatable, Sendable {
    /// The name of the profile.
    public var name: String
    /// A description of the profile, in one line.
    public var summary: String
    /// The name of the profile that gives the other constants, or nil.
    public var extends: String?
    /// The constants that the profile itself gives, by key.
    public var constants: [Key: Constant]

    /// Create a document.
    public init(name: String, summary: String, extends: String? = nil, constants: [Key: Constant]) {
        self.name = name
        self.summary = summary
        self.extends = extends
        self.constants = constants
    }

    /// Return the constants of this document, and those of the extended profile that this document lacks; the latter
    /// get the basis `assumed`, unless they have it already.
    ///
    /// - Parameters:
    ///   - base: the constants of the extended profile.
    ///   - source: the name of the extended profile.
    func constants(over base: [Key: Constant], of source: String) -> [Key: Constant] {
        let carried = base.mapValues { constant in
            constant.basis == .assumed
                ? constant : Constant(constant.value, basis: .assumed, source: "as on \(source)")
        }
        return carried.merging(constants) { $1 }
    }
}

/// The writer of profiles, as the YAML that ``ProfileReader`` reads.
public enum ProfileWriter {
    /// The text of a document: each constant behind a comment with its meaning, in the order of declaration.
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
