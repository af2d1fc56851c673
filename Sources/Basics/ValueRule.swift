/// The rule of an option's value: the texts that it takes, and the value of each.
public struct ValueRule<Value: Sendable>: Sendable {
    /// The allowed values in words, as they stand after `allowed:`.
    public let allowed: String
    /// How it is written in YAML.
    public let form: ValueForm
    /// The value of a text, or nil when the text is not allowed.
    public let value: @Sendable (String) -> Value?
    /// The text of a value; ``value`` reads it back.
    public let text: @Sendable (Value) -> String
    /// Whether a value that no text gave is allowed.
    public let allows: @Sendable (Value) -> Bool
    /// The value that was probably meant by a text that is not allowed, or nil.
    public let nearest: @Sendable (String) -> String?

    /// A rule; ``value`` has to read back what ``text`` writes.
    public init(
        allowed: String,
        form: ValueForm,
        value: @escaping @Sendable (String) -> Value?,
        text: @escaping @Sendable (Value) -> String,
        allows: @escaping @Sendable (Value) -> Bool = { _ in true },
        nearest: @escaping @Sendable (String) -> String? = { _ in nil }
    ) {
        self.allowed = allowed
        self.form = form
        self.value = value
        self.text = text
        self.allows = allows
        self.nearest = nearest
    }
}

extension ValueRule where Value: FixedWidthInteger {
    /// A whole number in its only notation: no plus sign, leading zero or underscore, which YAML versions read apart.
    public static func integer(_ range: ClosedRange<Value>) -> ValueRule {
        ValueRule(
            allowed: "an integer from \(range.lowerBound) to \(range.upperBound)",
            form: .bare,
            value: { text in
                guard let value = Value(text), String(value) == text, range.contains(value) else { return nil }
                return value
            },
            text: { String($0) },
            allows: { range.contains($0) }
        )
    }
}

extension ValueRule where Value == Double {
    /// A number in a closed range.
    public static func number(_ range: ClosedRange<Double>) -> ValueRule {
        let bounds = "\(DecimalText.text(range.lowerBound)) to \(DecimalText.text(range.upperBound))"
        return number("a number from \(bounds)") { range.contains($0) }
    }

    /// A number of at least `lowest`.
    public static func number(from lowest: Double) -> ValueRule {
        number("a number, at least \(DecimalText.text(lowest))") { $0 >= lowest }
    }

    /// A number greater than `bound`.
    public static func number(above bound: Double) -> ValueRule {
        number("a number above \(DecimalText.text(bound))") { $0 > bound }
    }

    /// A number from `lowest` to below `bound`.
    public static func number(from lowest: Double, below bound: Double) -> ValueRule {
        let bounds = "\(DecimalText.text(lowest)) to below \(DecimalText.text(bound))"
        return number("a number from \(bounds)") { (lowest..<bound).contains($0) }
    }

    private static func number(_ allowed: String, where isAllowed: @escaping @Sendable (Double) -> Bool) -> ValueRule {
        ValueRule(
            allowed: allowed,
            form: .bare,
            value: { DecimalText.value($0).flatMap { isAllowed($0) ? $0 : nil } },
            text: { DecimalText.text($0) },
            allows: { $0.isFinite && isAllowed($0) }
        )
    }
}

extension ValueRule where Value == Bool {
    /// `true` or `false`; the other spellings of YAML 1.1 (`yes`, `on`) are texts here.
    public static var boolean: ValueRule {
        ValueRule(allowed: "true or false", form: .bare, value: { Bool($0) }, text: { String($0) })
    }
}

extension ValueRule where Value: CaseIterable & Equatable & RawRepresentable, Value.RawValue == String {
    /// One of the cases of an enumeration, by its raw value.
    public static var choice: ValueRule { choice(of: Array(Value.allCases)) }

    /// One of some cases of an enumeration, by its raw value.
    public static func choice(of choices: [Value]) -> ValueRule {
        ValueRule(
            allowed: WordList.alternatives(choices.map(\.rawValue)),
            form: .text,
            value: { text in Value(rawValue: text).flatMap { choices.contains($0) ? $0 : nil } },
            text: { $0.rawValue }
        )
    }
}

extension ValueRule {
    /// A word that stands for nil, or one of the cases of an enumeration, by its raw value.
    public static func choice<Choice: CaseIterable & Equatable & RawRepresentable>(
        or word: String
    ) -> ValueRule where Value == Choice?, Choice.RawValue == String {
        let rule = ValueRule<Choice>.choice
        return ValueRule(
            allowed: WordList.alternatives([word] + Choice.allCases.map(\.rawValue)),
            form: .text,
            value: { text in text == word ? .some(nil) : rule.value(text).map(Optional.some) },
            text: { $0.map(rule.text) ?? word }
        )
    }
}

extension ValueRule where Value == String {
    /// Any text on one line.
    public static var words: ValueRule { line("text without control characters, 1 to 4096 bytes", .text) }

    /// A name, or the path of a file.
    public static var nameOrPath: ValueRule { line("text without control characters, 1 to 4096 bytes", .nameOrPath) }

    /// The name of a file or folder.
    public static var path: ValueRule { line("a path without control characters, 1 to 4096 bytes", .path) }

    private static func line(_ allowed: String, _ form: ValueForm) -> ValueRule {
        // A leading byte-order mark would be lost when the text is read back from a file.
        let isAllowed: @Sendable (String) -> Bool = { text in
            let isBounded = (1...4096).contains(text.utf8.count) && text.unicodeScalars.first != "\u{FEFF}"
            return isBounded && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        }
        return ValueRule(
            allowed: allowed,
            form: form,
            value: { isAllowed($0) ? $0 : nil },
            text: { $0 },
            allows: isAllowed
        )
    }
}

/// The form of a value in YAML.
public enum ValueForm: Equatable, Sendable {
    /// A number or a boolean: never in quotes.
    case bare
    /// Text, in quotes or not.
    case text
    /// Text in which commas separate values; also a YAML list of these.
    case list
    /// Text that names a file or folder; a relative one starts at the file that holds it, or at the working directory.
    case path
    /// Text that names something, or a file where it has a slash or ends in .yaml; such a path starts as others do.
    case nameOrPath
}

/// Decimal numbers as text: `0.1`, `-2`, `1e-5`; never hexadecimal, infinite or not a number.
public enum DecimalText {
    /// The number that a text stands for, or nil.
    public static func value(_ text: String) -> Double? {
        guard text.utf8.allSatisfy({ "0123456789.eE+-".utf8.contains($0) }), let value = Double(text) else {
            return nil
        }
        return value.isFinite ? value : nil
    }

    /// The shortest text that reads back as this number; whole numbers without a point.
    public static func text(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
    }
}
