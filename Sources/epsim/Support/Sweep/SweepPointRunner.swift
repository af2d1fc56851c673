import Configuration
import Reports

/// Runs the points of a sweep, one at a time: as processes, or by a model.
protocol PointRunner {
    /// Runs a point.
    ///
    /// - Parameter folder: an empty folder for this run alone; what is left in it is kept with the point.
    /// - Returns: what came of it, with a verdict and figures.
    /// - Throws: ``PointInterruption`` when somebody ended the sweep; a run that fails is an outcome.
    func run(_ point: SweepPoint, in folder: String) throws(PointInterruption) -> PointOutcome
}

/// Somebody ended the sweep while a point ran.
struct PointInterruption: Error {}
