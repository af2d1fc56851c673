/// The rule of an option's value: the texts that it takes, and the value of each.
public struct ValueRule<Value: Sendable>: Sendable {
    /// The allowed values in words, as they stand after `allowed:` in an error.
    public let allowed: String
    /// The form of the value in YAML.
    public let form: ValueForm
    /// The value of a text, or nil when the text is not allowed.
    public let value: @Sendable (String) -> Value?
    /// The text of a value; ``value`` reads it back.
    public let text: @Sendable (Value) -> String
    /// Whether a value that came from no text is allowed.
    public let allows: @Sendable (Value) -> Bool
    /// The allowed value that a text which is not allowed probably stands for, or nil.
    public let nearest: @Sendable (String) -> String?

    /// Create a rule; ``value`` has to read back the texts that ``text`` writes.
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
    /// The rule of a whole number: in its shortest form, or with a point or an exponent where it is whole, such as `3.0`
    /// and `1e3`; without plus sign, leading zero or underscore, which YAML versions read differently.
    public static func integer(_ range: ClosedRange<Value>) -> ValueRule {
        /// An integer in its shortest form, or a number with a point or an exponent that is whole, such as `1e3`.
        @Sendable func wholeNumber(_ text: String) -> Value? {
            if let value = Value(text) { return String(value) == text ? value : nil }
            guard text.first != "+" else { return nil }
            return DecimalText.wholeNumber(text).flatMap { Value(exactly: $0) }
        }

        return ValueRule(
            allowed: "an integer from \(range.lowerBound) to \(range.upperBound)",
            form: .bare,
            value: { text in
                guard let value = wholeNumber(text), range.contains(value) else { return nil }
                return value
            },
            text: { String($0) },
            allows: { range.contains($0) }
        )
    }
}

extension ValueRule where Value == [Int] {
    /// The rule of whole numbers in a list, separated by commas: at least one, and at most `most`.
    public static func integers(_ range: ClosedRange<Int>, most: Int) -> ValueRule {
        let one = ValueRule<Int>.integer(range)
        return ValueRule(
            allowed: "1 to \(most) integers from \(range.lowerBound) to \(range.upperBound), separated by commas",
            form: .list,
            value: { text in
                let parts = text.split(separator: ",", omittingEmptySubsequences: false)
                let values = parts.compactMap { one.value(String($0.trimmingPrefix(" "))) }
                return values.count == parts.count && values.count <= most ? values : nil
            },
            text: { $0.map(String.init).joined(separator: ",") },
            allows: { (1...most).contains($0.count) && $0.allSatisfy(range.contains) }
        )
    }
}

extension ValueRule where Value == Double {
    /// The rule of a number in a closed range.
    public static func number(_ range: ClosedRange<Double>) -> ValueRule {
        let bounds = "\(DecimalText.text(range.lowerBound)) to \(DecimalText.text(range.upperBound))"
        return number("a number from \(bounds)") { range.contains($0) }
    }

    /// The rule of a number of at least `lowest`.
    public static func number(from lowest: Double) -> ValueRule {
        number("a number, at least \(DecimalText.text(lowest))") { $0 >= lowest }
    }

    /// The rule of a number greater than `bound`.
    public static func number(above bound: Double) -> ValueRule {
        number("a number above \(DecimalText.text(bound))") { $0 > bound }
    }

    /// The rule of a number from `lowest` to below `bound`.
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
    /// The rule of `true` or `false`; the other spellings of YAML 1.1 (`yes`, `on`) are not allowed.
    public static var boolean: ValueRule {
        ValueRule(allowed: "true or false", form: .bare, value: { Bool($0) }, text: { String($0) })
    }
}

extension ValueRule where Value: CaseIterable & Equatable & RawRepresentable, Value.RawValue == String {
    /// The rule that a text is the raw value of one of the cases of the enumeration.
    public static var choice: ValueRule { choice(of: Array(Value.allCases)) }

    /// The rule of one of some cases of an enumeration, by its raw value.
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
    /// The rule of a word that stands for nil, or a case of an enumeration, by its raw value.
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
    /// The rule of any text on one line.
    public static var words: ValueRule { line("text without control characters, 1 to 4096 bytes", .text) }

    /// The rule of a name, or the path of a file.
    public static var nameOrPath: ValueRule { line("text without control characters, 1 to 4096 bytes", .nameOrPath) }

    /// The rule of the path of a file or folder.
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
    /// A number or a boolean, never in quotes.
    case bare
    /// Text, in quotes or not.
    case text
    /// Text in which commas separate values; also a YAML list of these.
    case list
    /// A program with its arguments on one line, quoted as for a shell; also a YAML list of these.
    case command
    /// The path of a file or folder; a relative one starts at the folder of the file that holds it, or at the working
    /// directory.
    case path
    /// A name, or the path of a file where ``PathText/isPath(_:)`` holds; such a path starts as other paths do.
    case nameOrPath
}

/// Decimal numbers as text: `0.1`, `-2`, `1e-5`; never hexadecimal, infinite or not a number.
public enum DecimalText {
    /// The number of a text, or nil.
    public static func value(_ text: String) -> Double? {
        guard text.utf8.allSatisfy({ "0123456789.eE+-".utf8.contains($0) }), let value = Double(text) else {
            return nil
        }
        return value.isFinite ? value : nil
    }

    /// The whole number of a text: digits, or a number with a point or an exponent that is whole, such as `3.0` and `1e3`;
    /// nil for any other text.
    public static func wholeNumber(_ text: String) -> Int? {
        if let value = Int(text) { return value }
        return value(text).flatMap { abs($0) <= 0x1p53 ? Int(exactly: $0) : nil }
    }

    /// The shortest text that reads back as this number; whole numbers without a point.
    public static func text(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
    }
}
