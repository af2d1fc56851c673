/// One key of a YAML file: where its value goes, which values it takes, and what it means.
///
/// Reading, environment names, flags, `config show` and the reference table all follow from the settings of a schema.
struct Setting<Root: Sendable>: Sendable {
    /// Dotted path, for example `model.layers`.
    let key: String
    /// The allowed values in words.
    let allowed: String
    let form: ValueForm
    /// One sentence.
    let help: String
    /// Unit of the value, or nil for counts and names.
    let unit: String?
    /// When the setting applies, or nil for always.
    let condition: Condition?
    /// True when somebody must give it wherever it applies.
    let isRequired: Bool
    /// Puts the value of a text into the root; false, and nothing done, when the text is not allowed.
    let assign: @Sendable (String, inout Root) -> Bool
    /// The text of the value in the root, or nil when there is none.
    let text: @Sendable (Root) -> String?

    /// A setting with a default: the value that a new root holds.
    init<Value>(
        _ key: String,
        _ path: any WritableKeyPath<Root, Value> & Sendable,
        _ rule: ValueRule<Value>,
        _ help: String,
        unit: String? = nil,
        when condition: Condition? = nil
    ) {
        self.key = key
        allowed = rule.allowed
        form = rule.form
        self.help = help
        self.unit = unit
        self.condition = condition
        isRequired = false
        assign = { text, root in
            guard let value = rule.value(text) else { return false }
            root[keyPath: path] = value
            return true
        }
        text = { rule.text($0[keyPath: path]) }
    }

    /// A setting without a default.
    init<Value>(
        optional key: String,
        _ path: any WritableKeyPath<Root, Value?> & Sendable,
        _ rule: ValueRule<Value>,
        _ help: String,
        unit: String? = nil,
        when condition: Condition? = nil,
        required: Bool = false
    ) {
        self.key = key
        allowed = rule.allowed
        form = rule.form
        self.help = help
        self.unit = unit
        self.condition = condition
        isRequired = required
        assign = { text, root in
            guard let value = rule.value(text) else { return false }
            root[keyPath: path] = value
            return true
        }
        text = { $0[keyPath: path].map(rule.text) }
    }

    /// The part before the last dot, empty for a top-level key.
    var section: String {
        key.lastIndex(of: ".").map { String(key[..<$0]) } ?? ""
    }

    /// The part after the last dot.
    var name: String {
        key.lastIndex(of: ".").map { String(key[key.index(after: $0)...]) } ?? key
    }

    /// The environment variable that sets it: `EPSIM_MODEL_LAYERS` for `model.layers`.
    var environmentName: String {
        "EPSIM_" + key.uppercased().replacing(".", with: "_")
    }
}
