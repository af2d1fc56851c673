/// Bytes for a person.
enum Gibibytes {
    /// In GiB with one decimal.
    static func text(_ bytes: Int) -> String {
        let tenths = (bytes / 1024 * 10 + (1 << 19)) >> 20
        return "\(tenths / 10).\(tenths % 10)"
    }
}
