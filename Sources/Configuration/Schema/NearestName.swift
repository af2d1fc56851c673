/// Finds the name that somebody probably meant.
enum NearestName {
    /// Names longer than this are not compared: no key is, and the comparison is quadratic.
    private static let longest = 64

    /// The candidate with the smallest edit distance, if that is small for the length of the name.
    static func of(_ name: String, among candidates: [String]) -> String? {
        guard name.utf8.count <= longest else { return nil }
        let scored = candidates.map { (name: $0, distance: distance(name, $0)) }
        guard let best = scored.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(1, name.utf8.count / 4) ? best.name : nil
    }

    /// The Levenshtein distance in bytes: insertions, deletions and replacements.
    static func distance(_ first: String, _ second: String) -> Int {
        let columns = Array(second.utf8)
        var row = Array(0...columns.count)
        for (index, byte) in first.utf8.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in columns.indices {
                let replaced = diagonal + (columns[column] == byte ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
            }
        }
        return row[columns.count]
    }
}
