import Glibc

/// Student's t distribution: how far the mean of few values may lie from the truth.
enum StudentT {
    /// Return the value t below which the part `probability` of the distribution lies.
    ///
    /// - Parameters:
    ///   - probability: above 0.5 and below 1.
    ///   - degrees: degrees of freedom, above 0; need not be whole.
    static func quantile(_ probability: Double, degrees: Double) -> Double {
        var low = 0.0
        var high = 1.0
        while tail(high, degrees) > 1 - probability && high < 1e12 { (low, high) = (high, high * 2) }
        while high - low > 1e-12 * high {
            let middle = (low + high) / 2
            if middle == low || middle == high { break }
            if tail(middle, degrees) > 1 - probability { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// The part of the distribution above `t`, which is positive: half the incomplete beta function
    /// I(degrees / (degrees + t²); degrees / 2, 1 / 2) (Abramowitz and Stegun, 26.7.1).
    private static func tail(_ t: Double, _ degrees: Double) -> Double {
        incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2
    }

    /// The regularised incomplete beta function I(x; a, b).
    private static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
        guard x > 0, x < 1 else { return x <= 0 ? 0 : 1 }
        // The fraction converges quickly below this bound, and I(x; a, b) = 1 - I(1 - x; b, a).
        guard x <= (a + 1) / (a + b + 2) else { return 1 - incompleteBeta(1 - x, b, a) }
        let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
        return front * fraction(x, a, b) / a
    }

    /// Return the continued fraction 1 / (1 + d₁ / (1 + d₂ / …)) of the NIST Digital Library of Mathematical Functions,
    /// 8.17.22, evaluated from the first term on by the recurrence of Lentz.
    private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
        let tiny = 1e-300
        func away(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
        var c = 1.0
        var d = 1 / away(1 - (a + b) * x / (a + 1))
        var value = d
        for step in 1...10_000 {
            let m = Double(step)
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            var change = 1.0
            for term in [even, odd] {
                d = 1 / away(1 + term * d)
                c = away(1 + term / c)
                change = c * d
                value *= change
            }
            if abs(change - 1) < 1e-15 { break }
        }
        return value
    }
}

/// A confidence interval, from its lower to its upper end.
public struct Interval: Codable, Equatable, Sendable {
    /// The lower end.
    public let low: Double
    /// The upper end.
    public let high: Double

    /// The interval between two values in any order.
    init(_ one: Double, _ other: Double) {
        low = min(one, other)
        high = max(one, other)
    }

    /// True where the interval holds 0.
    var holdsZero: Bool { low <= 0 && high >= 0 }
}
