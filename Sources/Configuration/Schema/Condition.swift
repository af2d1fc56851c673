/// When a setting applies: another setting has one of these values, and applies itself.
struct Condition: Equatable, Sendable {
    let key: String
    let values: [String]

    /// The setting `key` has one of `values`.
    static func of(_ key: String, _ values: String...) -> Condition {
        Condition(key: key, values: values)
    }

    /// `router.drop is position`.
    var words: String { "\(key) is \(WordList.alternatives(values))" }
}
