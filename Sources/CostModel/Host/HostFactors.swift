import Foundation

/// Factors by which work takes longer within a run than alone.
public struct HostFactors: Equatable, Sendable {
    /// A run that was measured and predicted, in seconds of a step.
    public struct Run: Equatable, Sendable {
        /// The measured median of the step times, in seconds.
        public let measured: Double
        /// The predicted seconds of the experts' work.
        public let products: Double
        /// The predicted seconds of all other work.
        public let overhead: Double

        /// A run; all its times are above 0.
        public init(measured: Double, products: Double, overhead: Double) {
            self.measured = measured
            self.products = products
            self.overhead = overhead
        }
    }

    /// The factor on the work of the coordinator and of messages.
    public let overhead: Double
    /// The factor on the work of experts.
    public let products: Double
    /// The mean of |log(predicted / measured)| that remains with both factors.
    public let error: Double

    /// The factors with the least mean |log(predicted / measured)| over the runs; of equally good ones the smallest.
    /// The overhead is tried from 0.5 to 6 in steps of 0.05, the products from 0.7 to 1.5 in steps of 0.02.
    ///
    /// - Throws: ``HardwareError`` when there is no run, or a time is not above 0.
    public init(_ runs: [Run]) throws(HardwareError) {
        guard !runs.isEmpty else { throw HardwareError("no run to fit factors to, allowed: at least 1") }
        for run in runs {
            for time in [run.measured, run.products, run.overhead] where !(time > 0 && time.isFinite) {
                throw HardwareError("a run to fit factors to has a time of \(time) s, allowed: a number above 0")
            }
        }
        var best = (error: Double.infinity, overhead: 1.0, products: 1.0)
        for overhead in stride(from: 0.5, through: 6, by: 0.05) {
            for products in stride(from: 0.7, through: 1.5, by: 0.02) {
                let error = runs.reduce(0) { $0 + $1.error(overhead: overhead, products: products) }
                if error < best.error { best = (error, overhead, products) }
            }
        }
        (overhead, products, error) = (best.overhead, best.products, best.error / Double(runs.count))
    }
}

extension HostFactors.Run {
    fileprivate func error(overhead: Double, products: Double) -> Double {
        abs(log((overhead * self.overhead + products * self.products) / measured))
    }
}
