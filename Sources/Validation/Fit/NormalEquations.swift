/// The equations of a weighted least-squares step: (Jᵀ W J + damping diag) step = -Jᵀ W e.
struct NormalEquations {
    private let matrix: [[Double]]
    private let gradient: [Double]

    /// - Parameter jacobian: derivatives, `[unknowns][errors]`.
    init(jacobian: [[Double]], errors: [Double], weights: [Double]) {
        let weighted = jacobian.map { column in zip(column, weights).map { $0 * $1 } }
        matrix = jacobian.map { row in weighted.map { column in zip(row, column).reduce(0) { $0 + $1.0 * $1.1 } } }
        gradient = weighted.map { column in zip(column, errors).reduce(0) { $0 + $1.0 * $1.1 } }
    }

    /// The step, or nil when the damped matrix is not positive definite.
    func step(damping: Double) -> [Double]? {
        var damped = matrix
        for index in damped.indices { damped[index][index] += damping * (matrix[index][index] + 1e-9) }
        guard let lower = Self.cholesky(damped) else { return nil }
        var solution = gradient.map { -$0 }
        for row in solution.indices {
            for column in 0..<row { solution[row] -= lower[row][column] * solution[column] }
            solution[row] /= lower[row][row]
        }
        for row in solution.indices.reversed() {
            for column in (row + 1)..<solution.count { solution[row] -= lower[column][row] * solution[column] }
            solution[row] /= lower[row][row]
        }
        return solution
    }

    private static func cholesky(_ matrix: [[Double]]) -> [[Double]]? {
        var lower = matrix.map { [Double](repeating: 0, count: $0.count) }
        for row in matrix.indices {
            for column in 0...row {
                let known = (0..<column).reduce(0) { $0 + lower[row][$1] * lower[column][$1] }
                let rest = matrix[row][column] - known
                if row != column {
                    lower[row][column] = rest / lower[column][column]
                } else if rest > 0 {
                    lower[row][row] = rest.squareRoot()
                } else {
                    return nil
                }
            }
        }
        return lower
    }
}
