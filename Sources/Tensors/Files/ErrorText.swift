/// A name from a file in quotes, with control characters escaped and at most 100 characters long.
package func quoted(_ name: String) -> String {
    name.count <= 100 ? String(reflecting: name) : String(reflecting: String(name.prefix(100)) + "…")
}

/// Names in quotes, separated by commas; after the twelfth only how many more there are.
package func quotedList(_ names: some Collection<String>) -> String {
    let shown = names.prefix(12).map(quoted).joined(separator: ", ")
    let hidden = names.count - min(names.count, 12)
    if names.isEmpty { return "none" }
    return hidden == 0 ? shown : "\(shown) and \(hidden) more"
}
