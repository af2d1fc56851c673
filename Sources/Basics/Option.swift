/// One key of a YAML file: where its value goes, which values it takes, and what it means.
///
/// Reading, environment names, flags, `config show` and the reference table all follow from the options of a table.
public struct Option<Root: Sendable>: Sendable {
    /// Dotted path, for example `model.layers`.
    public let key: String
    /// Where its value goes.
    public let path: @Sendable () -> PartialKeyPath<Root>
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

    /// Puts the value of one root into another.
    public let copy: @Sendable (Root, inout Root) -> Void
    /// Whether the value in the root is one that the rule allows; a text that was assigned always is.
    public let isAllowed: @Sendable (Root) -> Bool

    /// An option with a default: the value that a new root holds.
    public init<Value>(
        _ key: String,
        _ path: any WritableKeyPath<Root, Value> & Sendable,
        _ rule: ValueRule<Value>,
        _ help: String,
        unit: String? = nil,
        when condition: Condition<Root>? = nil
    ) {
        self.init(key, path, rule, help, unit, "(none)", condition, false, { $0 }, { $0 })
    }

    /// An option without a default.
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
        let absence = absence ?? (required ? "(required)" : "(none)")
        self.init(key, path, rule, help, unit, absence, condition, required, { $0 }, { $0 })
    }

    /// An option whose property holds the value, or may hold it.
    private init<Value, Held>(
        _ key: String,
        _ path: any WritableKeyPath<Root, Held> & Sendable,
        _ rule: ValueRule<Value>,
        _ help: String,
        _ unit: String?,
        _ absence: String,
        _ condition: Condition<Root>?,
        _ isRequired: Bool,
        _ held: @escaping @Sendable (Value) -> Held,
        _ value: @escaping @Sendable (Held) -> Value?
    ) {
        self.key = key
        self.path = { path }
        allowed = rule.allowed
        form = rule.form
        self.help = help
        self.unit = unit
        self.absence = absence
        self.condition = condition
        self.isRequired = isRequired
        nearest = rule.nearest
        assign = { text, root in
            guard let value = rule.value(text) else { return false }
            root[keyPath: path] = held(value)
            return true
        }
        text = { value($0[keyPath: path]).map(rule.text) }
        copy = { $1[keyPath: path] = $0[keyPath: path] }
        isAllowed = { value($0[keyPath: path]).map(rule.allows) ?? true }
    }

    /// An option of a part as one of the whole.
    ///
    /// - Parameters:
    ///   - path: where the part stands.
    ///   - prefix: what its key has in front of the part's.
    ///   - condition: when it applies; nil for as in the part.
    ///   - isRequired: whether it has to be given; nil for as in the part.
    public init<Part>(
        _ part: Option<Part>,
        at path: any WritableKeyPath<Root, Part> & Sendable,
        prefix: String = "",
        when condition: Condition<Root>? = nil,
        required isRequired: Bool? = nil
    ) {
        key = prefix + part.key
        self.path = { (path as PartialKeyPath<Root>).appending(path: part.path()) ?? path }
        allowed = part.allowed
        form = part.form
        help = part.help
        unit = part.unit
        absence = part.absence
        self.condition =
            condition
            ?? part.condition.map { part in
                Condition(part, keys: part.keys, of: { $0[keyPath: path] })
            }
        self.isRequired = isRequired ?? part.isRequired
        nearest = part.nearest
        assign = { part.assign($0, &$1[keyPath: path]) }
        text = { part.text($0[keyPath: path]) }
        copy = { part.copy($0[keyPath: path], &$1[keyPath: path]) }
        isAllowed = { part.isAllowed($0[keyPath: path]) }
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
