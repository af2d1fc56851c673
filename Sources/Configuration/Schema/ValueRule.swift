internal import Cluster
internal import Experts
internal import MoE

/// Which texts a setting takes, and the value that each stands for.
struct ValueRule<Value: Sendable>: Sendable {
    /// The allowed values in words, as they stand after `allowed:`.
    let allowed: String
    let form: ValueForm
    /// The value of a text, or nil when the text is not allowed.
    let value: @Sendable (String) -> Value?
    /// The text of a value; ``value`` reads it back.
    let text: @Sendable (Value) -> String
    /// The value that was probably meant by a text that is not allowed, or nil.
    var nearest: @Sendable (String) -> String? = { _ in nil }
}

extension ValueRule where Value: FixedWidthInteger {
    /// A whole number in its only notation: no plus sign, leading zero or underscore, which YAML versions read apart.
    static func integer(_ range: ClosedRange<Value>) -> ValueRule {
        ValueRule(
            allowed: "an integer from \(range.lowerBound) to \(range.upperBound)",
            form: .bare,
            value: { text in
                guard let value = Value(text), String(value) == text, range.contains(value) else { return nil }
                return value
            },
            text: { String($0) }
        )
    }
}

extension ValueRule where Value == Double {
    /// A number in a closed range.
    static func number(_ range: ClosedRange<Double>) -> ValueRule {
        let bounds = "\(DecimalText.text(range.lowerBound)) to \(DecimalText.text(range.upperBound))"
        return number("a number from \(bounds)") { range.contains($0) }
    }

    /// A number of at least `lowest`.
    static func number(from lowest: Double) -> ValueRule {
        number("a number, at least \(DecimalText.text(lowest))") { $0 >= lowest }
    }

    /// A number greater than `bound`.
    static func number(above bound: Double) -> ValueRule {
        number("a number above \(DecimalText.text(bound))") { $0 > bound }
    }

    /// A number from `lowest` to below `bound`.
    static func number(from lowest: Double, below bound: Double) -> ValueRule {
        let bounds = "\(DecimalText.text(lowest)) to below \(DecimalText.text(bound))"
        return number("a number from \(bounds)") { (lowest..<bound).contains($0) }
    }

    private static func number(_ allowed: String, where isAllowed: @escaping @Sendable (Double) -> Bool) -> ValueRule {
        ValueRule(
            allowed: allowed,
            form: .bare,
            value: { DecimalText.value($0).flatMap { isAllowed($0) ? $0 : nil } },
            text: { DecimalText.text($0) }
        )
    }
}

extension ValueRule where Value == Bool {
    /// `true` or `false`; the other spellings of YAML 1.1 (`yes`, `on`) are texts here.
    static var boolean: ValueRule {
        ValueRule(allowed: "true or false", form: .bare, value: { Bool($0) }, text: { String($0) })
    }
}

extension ValueRule where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    /// One of the cases of an enumeration, by its raw value.
    static var choice: ValueRule {
        ValueRule(
            allowed: WordList.alternatives(Value.allCases.map(\.rawValue)),
            form: .text,
            value: { Value(rawValue: $0) },
            text: { $0.rawValue }
        )
    }
}

extension ValueRule where Value == String {
    /// Any text on one line.
    static var words: ValueRule { line("text without control characters, 1 to 4096 bytes", .text) }

    /// The name of a router.
    static var router: ValueRule {
        let names = RouterCatalog.entries.map(\.name)
        return ValueRule(
            allowed: "the name of a router (listed by epsim config routers)",
            form: .text,
            value: { RouterCatalog.entry(named: $0)?.name },
            text: { $0 },
            nearest: { NearestName.of($0, among: names) }
        )
    }

    /// The family of a checkpoint, by its name or what a config.json calls it.
    static var checkpointFamily: ValueRule {
        let names = CheckpointFamily.all.map(\.name)
        return ValueRule(
            allowed: WordList.alternatives(names),
            form: .text,
            value: { (try? CheckpointFamily.named($0))?.name },
            text: { $0 },
            nearest: { NearestName.of($0, among: names) }
        )
    }

    /// A name, or the path of a file.
    static var nameOrPath: ValueRule { line("text without control characters, 1 to 4096 bytes", .nameOrPath) }

    /// The name of a file or folder.
    static var path: ValueRule { line("a path without control characters, 1 to 4096 bytes", .path) }

    /// A ZeroMQ endpoint.
    static var endpoint: ValueRule {
        ValueRule(
            allowed: Endpoint.allowed,
            form: .text,
            value: { (try? Endpoint($0))?.description },
            text: { $0 }
        )
    }

    private static func line(_ allowed: String, _ form: ValueForm) -> ValueRule {
        // A leading byte-order mark would be lost when the text is read back from a file.
        let isAllowed: @Sendable (String) -> Bool = { text in
            let isBounded = (1...4096).contains(text.utf8.count) && text.unicodeScalars.first != "\u{FEFF}"
            return isBounded && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        }
        return ValueRule(allowed: allowed, form: form, value: { isAllowed($0) ? $0 : nil }, text: { $0 })
    }
}

extension ValueRule where Value == LayerChoice {
    /// Numbers of layers.
    static var layers: ValueRule {
        ValueRule(allowed: LayerChoice.allowed, form: .list, value: { LayerChoice($0) }, text: { $0.text })
    }
}
