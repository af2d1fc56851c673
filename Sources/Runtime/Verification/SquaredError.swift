internal import Tensors

/// The sum of the squared errors of some values, and of the squares of what they should be.
struct SquaredError: Sendable {
    private var error = 0.0
    private var size = 0.0

    /// No values.
    init() {}

    init(of values: Matrix, against exact: Matrix) {
        for (value, exact) in zip(values.values, exact.values) {
            let difference = Double(value) - Double(exact)
            error += difference * difference
            size += Double(exact) * Double(exact)
        }
    }

    mutating func add(_ other: SquaredError) {
        error += other.error
        size += other.size
    }

    /// sqrt(sum of squared errors / sum of squares), or nil without values.
    var relative: Double? { size > 0 ? (error / size).squareRoot() : nil }
}
