/// Finds the name that somebody probably meant.
public enum NearestName {
    /// Names longer than this are not compared: no key is, and the comparison is quadratic.
    private static let longest = 64

    /// The candidate that differs by one letter, rather one of the same length, else the shortest that the name begins,
    /// else the one with the smallest edit distance if that is small for the length of the name.
    public static func of(_ name: String, among candidates: [String]) -> String? {
        let length = name.utf8.count
        guard length <= longest else { return nil }
        let scored = candidates.map { (name: $0, distance: distance(name, $0)) }
        let rank = { (name: String, distance: Int) in (distance, abs(name.utf8.count - length)) }
        guard let best = scored.min(by: { rank($0.name, $0.distance) < rank($1.name, $1.distance) }) else { return nil }
        if best.distance <= 1 {
            return best.name
        }
        let longer = candidates.filter { length >= 3 && $0.hasPrefix(name) }
        if let shortest = longer.min(by: { $0.utf8.count < $1.utf8.count }) {
            return shortest
        }
        return length >= 4 && best.distance <= max(2, length / 4) ? best.name : nil
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
