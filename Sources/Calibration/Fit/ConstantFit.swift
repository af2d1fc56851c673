import CostModel
import Foundation

/// A fit of constants to measured times: damped Gauss-Newton on the soft-L1 loss of the logarithm of predicted over
/// measured, in the logarithms of the constants.
///
/// Soft-L1 gives single bad rows little influence; logarithms make errors relative and keep constants positive.
struct ConstantFit {
    /// The scale of the soft-L1 loss: errors well above it count linearly.
    private static let lossScale = 0.05
    private static let step = 1e-4
    /// The weight of a constant's distance from its start, which keeps the constant there when no row depends on it.
    private static let inertia = 1e-3
    private static let mostIterations = 30

    let observations: [Observation]
    let constants: [HardwareConstant]
    let start: HardwareProfile

    /// Return the start profile with the constants replaced by their fitted values.
    ///
    /// - Throws: `HardwareError` when the start itself cannot be evaluated.
    func result() throws(HardwareError) -> HardwareProfile {
        guard !constants.isEmpty, !observations.isEmpty else { return start }
        let origin = constants.map { log(start[$0]) }
        var place = origin
        var errors = try errors(at: place, origin)
        var damping = 1e-3
        for _ in 0..<Self.mostIterations {
            let jacobian = try jacobian(at: place, origin, errors)
            guard let next = improved(place, origin, errors, jacobian, &damping) else { break }
            let gain = Self.cost(errors) - Self.cost(next.errors)
            let isDone = gain < 1e-7 * Self.cost(errors)
            (place, errors) = next
            damping = max(damping / 5, 1e-7)
            if isDone { break }
        }
        return try profile(at: place)
    }

    /// Take a step that lowers the cost, and return the new place with its errors; raise the damping from try to try,
    /// and return nil where eight tries lower nothing.
    private func improved(
        _ place: [Double],
        _ origin: [Double],
        _ errors: [Double],
        _ jacobian: [[Double]],
        _ damping: inout Double
    ) -> (place: [Double], errors: [Double])? {
        let system = NormalEquations(jacobian: jacobian, errors: errors, weights: errors.map(Self.weight))
        for _ in 0..<8 {
            if let step = system.step(damping: damping) {
                let next = zip(place, step).map { $0 + min(0.5, max(-0.5, $1)) }
                // A step out of the range of a constant is as bad as one that raises the cost.
                if let nextErrors = try? self.errors(at: next, origin), Self.cost(nextErrors) < Self.cost(errors) {
                    return (next, nextErrors)
                }
            }
            damping *= 5
        }
        return nil
    }

    private func profile(at place: [Double]) throws(HardwareError) -> HardwareProfile {
        let values = Dictionary(uniqueKeysWithValues: zip(constants, place.map { exp($0) }))
        return try start.replacing(values, source: "a fit")
    }

    private func errors(at place: [Double], _ origin: [Double]) throws(HardwareError) -> [Double] {
        let seconds = try observations.seconds(on: profile(at: place))
        let errors = zip(observations, seconds).map { $0.fitWeight * log($1 / $0.measuredSeconds) }
        return errors + zip(place, origin).map { Self.inertia * ($0 - $1) }
    }

    /// The derivatives of the errors by the logarithm of each constant, `[constants][errors]`.
    private func jacobian(
        at place: [Double],
        _ origin: [Double],
        _ errors: [Double]
    ) throws(HardwareError) -> [[Double]] {
        var columns: [[Double]] = []
        for index in place.indices {
            var moved = place
            moved[index] += Self.step
            columns.append(zip(try self.errors(at: moved, origin), errors).map { ($0 - $1) / Self.step })
        }
        return columns
    }

    private static func weight(_ error: Double) -> Double {
        1 / (1 + (error / lossScale) * (error / lossScale)).squareRoot()
    }

    private static func cost(_ errors: [Double]) -> Double { errors.reduce(0) { $0 + 1 / weight($1) - 1 } }
}

extension Observation {
    /// The weight of the observation in a fit, lower for fewer than 128 tokens per rank in normal kernels, which are
    /// not used that way.
    fileprivate var fitWeight: Double {
        guard case .kernel(let kernel) = setting, kernel.kernel == .normal else { return 1 }
        return kernel.tokensPerGPU < 128 ? 0.3 : 1
    }
}

/// The equations of a weighted least-squares step: (Jᵀ W J + damping diag) step = -Jᵀ W e.
struct NormalEquations {
    private let matrix: [[Double]]
    private let gradient: [Double]

    /// Create the equations of a step.
    ///
    /// - Parameter jacobian: the derivatives of the errors, `[unknowns][errors]`.
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

/// Observations that share constants and are fitted together.
enum FitFamily: CaseIterable {
    /// Communication kernels of both kinds, which share the network interfaces.
    case communication
    /// Expert products in prefill.
    case contiguous
    /// Expert products in decode.
    case masked

    init(_ setting: TimingRow.Setting) {
        switch setting {
        case .kernel: self = .communication
        case .experts(let experts): self = experts.kernel == .contiguous ? .contiguous : .masked
        }
    }

    /// The constants that tables of the family can determine. Of these, a fit changes those that have the basis fitted
    /// in the profile and that some row depends on; peaks, tiles and numbers of multiprocessors are given.
    var candidates: [HardwareConstant] {
        switch self {
        case .communication:
            [
                .linkBandwidth, .nicBandwidth,
                .lowLatencyDispatchLaunch, .lowLatencyCombineLaunch, .lowLatencyDispatchFloor, .lowLatencyCombineFloor,
                .lowLatencyDispatchCopy, .lowLatencyCombineCopy, .lowLatencyDispatchFlag, .lowLatencyCombineFlag,
                .nodeDispatchLaunch, .nodeCombineLaunch, .nodeDispatchCopy, .nodeCombineCopy,
                .nodeDispatchFill, .nodeCombineFill, .nodesDispatchLaunch, .nodesCombineLaunch,
                .nodesDispatchCopy, .nodesCombineCopy, .nodesDispatchFill, .nodesCombineFill,
            ]
        case .contiguous:
            [
                .contiguousLaunch, .contiguousProductEfficiency, .contiguousMemoryEfficiency,
                .contiguousGatherEfficiency,
            ]
        case .masked: [.maskedLaunch, .maskedSlot, .maskedProductEfficiency, .maskedMemoryEfficiency]
        }
    }

    /// The constants that a fit to some observations changes, in the order of ``candidates``.
    func constants(of observations: [Observation], on profile: HardwareProfile) -> [HardwareConstant] {
        let read = observations.reduce(into: Set<HardwareConstant>()) { $0.formUnion($1.constants) }
        return candidates.filter {
            read.contains($0) && profile.constants[$0]?.basis == .fitted && profile[$0] > 0
        }
    }
}
