/// One key of a YAML file: the property that holds its value, the values that it takes, and its meaning.
///
/// Reading, environment names, flags, `config show` and the reference table all follow from the options of a table.
public struct Option<Root: Sendable>: Sendable {
    /// The dotted key, for example `model.layers`.
    public let key: String
    /// The key path of the value in the root.
    public let path: @Sendable () -> PartialKeyPath<Root>
    /// The allowed values, in words.
    public let allowed: String
    /// The form of the value in YAML.
    public let form: ValueForm
    /// The meaning of the option, in one sentence.
    public let help: String
    /// The unit of the value, or nil for counts and names.
    public let unit: String?
    /// The text that tables show in place of a missing value.
    public let absence: String
    /// The condition for the option to apply, or nil for always.
    public let condition: Condition<Root>?
    /// The commands that read the option, as its row says; nil for those of its table.
    private var ownReaders: OptionReaders?
    /// True when the option must be given wherever it applies.
    public let isRequired: Bool
    /// The allowed value that a text which is not allowed probably stands for, or nil.
    public let nearest: @Sendable (String) -> String?
    /// The function that puts the value of a text into the root; it returns false, and changes nothing, when the text
    /// is not allowed.
    public let assign: @Sendable (String, inout Root) -> Bool
    /// The text of the value in the root, or nil when there is none.
    public let text: @Sendable (Root) -> String?

    /// The function that copies the value from one root into another.
    public let copy: @Sendable (Root, inout Root) -> Void
    /// Whether the rule allows the value in the root; a value assigned from a text always is allowed.
    public let isAllowed: @Sendable (Root) -> Bool

    /// Create an option with a default: the value that a new root holds.
    public init<Value>(
        _ key: String,
        _ path: any WritableKeyPath<Root, Value> & Sendable,
        _ rule: ValueRule<Value>,
        _ help: String,
        unit: String? = nil,
        when condition: Condition<Root>? = nil,
        readBy readers: OptionReaders? = nil
    ) {
        self.init(key, path, rule, help, unit, "(none)", condition, readers, false, { $0 }, { $0 })
    }

    /// Create an option without a default.
    public init<Value>(
        optional key: String,
        _ path: any WritableKeyPath<Root, Value?> & Sendable,
        _ rule: ValueRule<Value>,
        _ help: String,
        unit: String? = nil,
        absence: String? = nil,
        when condition: Condition<Root>? = nil,
        readBy readers: OptionReaders? = nil,
        required: Bool = false
    ) {
        let absence = absence ?? (required ? "(required)" : "(none)")
        self.init(key, path, rule, help, unit, absence, condition, readers, required, { $0 }, { $0 })
    }

    /// Create an option whose property holds the value, or an optional of it.
    private init<Value, Held>(
        _ key: String,
        _ path: any WritableKeyPath<Root, Held> & Sendable,
        _ rule: ValueRule<Value>,
        _ help: String,
        _ unit: String?,
        _ absence: String,
        _ condition: Condition<Root>?,
        _ readers: OptionReaders?,
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
        ownReaders = readers
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

    /// Create an option of a whole root from an option of a part of that root.
    ///
    /// - Parameters:
    ///   - path: the key path of the part in the whole.
    ///   - prefix: the text in front of the part's key.
    ///   - condition: the condition for the option to apply; nil for that of the part's option.
    ///   - isRequired: whether the option has to be given; nil for as in the part.
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
        ownReaders = part.ownReaders
        self.isRequired = isRequired ?? part.isRequired
        nearest = part.nearest
        assign = { part.assign($0, &$1[keyPath: path]) }
        text = { part.text($0[keyPath: path]) }
        copy = { part.copy($0[keyPath: path], &$1[keyPath: path]) }
        isAllowed = { part.isAllowed($0[keyPath: path]) }
    }

    /// The commands that read the option.
    public var readers: OptionReaders { ownReaders ?? .all }

    /// The option with the readers of its table, where its row does not say them.
    func read(by readers: OptionReaders) -> Option {
        var option = self
        option.ownReaders = ownReaders ?? readers
        return option
    }

    /// The section of the option: its key up to the last dot, empty for a top-level key.
    public var section: String {
        key.lastIndex(of: ".").map { String(key[..<$0]) } ?? ""
    }

    /// The name of the option within its section: its key after the last dot.
    public var name: String {
        key.lastIndex(of: ".").map { String(key[key.index(after: $0)...]) } ?? key
    }
}
