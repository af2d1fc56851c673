/// Whole numbers in place of real ones.
enum WholeNumbers {
    /// Rounds values from 0 so that their sum stays: the largest fractions are rounded up (largest remainder).
    static func keepingSum(_ values: [Double]) -> [Int] {
        var whole = values.map { Int($0.rounded(.down)) }
        let missing = Int(values.reduce(0, +).rounded()) - whole.reduce(0, +)
        let byFraction = values.indices.sorted { left, right in
            let fractions = (values[left] - values[left].rounded(.down), values[right] - values[right].rounded(.down))
            return fractions.0 == fractions.1 ? left < right : fractions.0 > fractions.1
        }
        for index in byFraction.prefix(max(0, missing)) { whole[index] += 1 }
        return whole
    }
}
