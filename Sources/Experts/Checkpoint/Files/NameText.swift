/// Ascending numbers as ranges: `0–2, 5`; after the twelfth range only how many numbers more there are.
func rangeList(_ numbers: [Int]) -> String {
    var ranges: [ClosedRange<Int>] = []
    for number in numbers {
        if let last = ranges.last, number == last.upperBound + 1 {
            ranges[ranges.count - 1] = last.lowerBound...number
        } else {
            ranges.append(number...number)
        }
    }
    let shown = ranges.prefix(12)
    let hidden = numbers.count - shown.reduce(0) { $0 + $1.count }
    let text = shown.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)–\($0.upperBound)" }
    return text.joined(separator: ", ") + (hidden == 0 ? "" : " and \(hidden) more")
}

/// The names most like `name`: those that share the most characters with it at both ends, at least half of it.
func nearestNames(to name: String, among names: [String], limit: Int = 3) -> [String] {
    let wanted = Array(name.utf8)
    func likeness(_ other: String) -> Int {
        let found = Array(other.utf8)
        let room = min(wanted.count, found.count)
        let head = zip(wanted, found).prefix { $0 == $1 }.count
        let tail = zip(wanted.reversed(), found.reversed()).prefix { $0 == $1 }.count
        return min(head + tail, room)
    }
    let ranked = names.map { (name: $0, likeness: likeness($0)) }.filter { $0.likeness * 2 >= wanted.count }
    return ranked.sorted { ($1.likeness, $0.name) < ($0.likeness, $1.name) }.prefix(limit).map(\.name)
}
