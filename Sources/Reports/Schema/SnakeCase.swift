/// Keys as `JSONEncoder` writes them with `convertToSnakeCase`, for names whose words each begin with one capital.
enum SnakeCase {
    /// `stepSeconds` becomes `step_seconds`.
    static func of(_ key: String) -> String {
        key.reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
    }
}
