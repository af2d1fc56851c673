/// Elementary symmetric polynomials of odds up to a degree: entry j sums the products of all j different ones.
struct ChoicePolynomial {
    private var sums: [Double]

    /// The polynomial of no odds.
    static func one(degree: Int) -> ChoicePolynomial {
        ChoicePolynomial(odds: [], degree: degree)
    }

    init(odds: ArraySlice<Double>, degree: Int) {
        sums = [Double](repeating: 0, count: degree + 1)
        sums[0] = 1
        var seen = 0
        for value in odds where value > 0 {
            seen = min(seen + 1, degree)
            var entry = seen
            while entry > 0 {
                sums[entry] += sums[entry - 1] * value
                entry -= 1
            }
        }
    }

    /// The sum of the products of `degree` different odds.
    subscript(degree: Int) -> Double { sums[degree] }

    /// All entries, from degree 0.
    var entries: [Double] { sums }

    /// The polynomial of the odds of both.
    static func * (left: ChoicePolynomial, right: ChoicePolynomial) -> ChoicePolynomial {
        var product = left
        for entry in product.sums.indices {
            var sum = 0.0
            for part in 0...entry { sum += left.sums[part] * right.sums[entry - part] }
            product.sums[entry] = sum
        }
        return product
    }
}
