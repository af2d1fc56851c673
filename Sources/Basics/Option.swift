/// One key of a YAML file: where its value goes, which values it takes, and what it means.
///
/// Reading, environment names, flags, `config show` and the reference table all follow from the options of a table.
public struct Option<Root: Sendable>: Sendable {
    /// Dotted path, for example `model.layers`.
    public let key: String
    /// The allowed values in words.
    public let allowed: String
    /// How its value is written in YAML.
    public let form: ValueForm
    /// One sentence.
    public let help: String
    /// Unit of the value, or nil for counts and names.
    public let unit: String?
    /// What stands in tables where there is no value.
    public let absence: String
    /// When the option applies, or nil for always.
    public let condition: Condition<Root>?
    /// True when somebody must give it wherever it applies.
    public let isRequired: Bool
    /// The value that was probably meant by a text that is not allowed, or nil.
    public let nearest: @Sendable (String) -> String?
    /// Puts the value of a text into the root; false, and nothing done, when the text is not allowed.
    public let assign: @Sendable (String, inout Root) -> Bool
    /// The text of the value in the root, or nil when there is none.
    public let text: @Sendable (Root) -> String?

    /// A option with a default: the value that a new root holds.
    public init<Value>(
        _ key: String,
        _ path: any WritableKeyPath<Root, Value> & Sendable,
        _ rule: ValueRule<Value>,
        _ help: String,
        unit: String? = nil,
        when condition: Condition<Root>? = nil
    ) {
        self.key = key
        allowed = rule.allowed
        form = rule.form
        self.help = help
        self.unit = unit
        absence = "(none)"
        self.condition = condition
        isRequired = false
        nearest = rule.nearest
        assign = { text, root in
            guard let value = rule.value(text) else { return false }
            root[keyPath: path] = value
            return true
        }
        text = { rule.text($0[keyPath: path]) }
    }

    /// A option without a default.
    public init<Value>(
        optional key: String,
        _ path: any WritableKeyPath<Root, Value?> & Sendable,
        _ rule: ValueRule<Value>,
        _ help: String,
        unit: String? = nil,
        absence: String? = nil,
        when condition: Condition<Root>? = nil,
        required: Bool = false
    ) {
        self.key = key
        allowed = rule.allowed
        form = rule.form
        self.help = help
        self.unit = unit
        self.absence = absence ?? (required ? "(required)" : "(none)")
        self.condition = condition
        isRequired = required
        nearest = rule.nearest
        assign = { text, root in
            guard let value = rule.value(text) else { return false }
            root[keyPath: path] = value
            return true
        }
        text = { $0[keyPath: path].map(rule.text) }
    }

    /// The part before the last dot, empty for a top-level key.
    public var section: String {
        key.lastIndex(of: ".").map { String(key[..<$0]) } ?? ""
    }

    /// The part after the last dot.
    public var name: String {
        key.lastIndex(of: ".").map { String(key[key.index(after: $0)...]) } ?? key
    }
}
