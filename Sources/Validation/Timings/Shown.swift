/// Shows what stands in a file: bounded, and without anything that could steer a terminal.
enum Shown {
    private static let longest = 40

    /// A cell: a number as it is, nothing as such, any other text in quotes.
    static func cell(_ text: String) -> String {
        if text.isEmpty { return "nothing" }
        if text.utf8.count <= longest, Double(text) != nil { return text }
        let scalars = text.unicodeScalars.prefix(longest).map { scalar in
            scalar.isASCII && (0x20..<0x7F).contains(scalar.value) && scalar != "\""
                ? String(scalar) : scalar.escaped(asASCII: true)
        }
        return "\"\(scalars.joined())\(text.unicodeScalars.count > longest ? "..." : "")\""
    }
}
