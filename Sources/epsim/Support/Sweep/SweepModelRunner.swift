import CostModel
import Configuration
import Records
import Foundation
import Reports
import Runtime

/// Predicts a point in this process. What is kept of it is its configuration; `epsim predict` of that gives the whole
/// report again.
final class SweepModelRunner: PointRunner {
    private let interrupt: Interrupt
    private let profiles: ProfileCache

    /// - Parameter interrupt: raised when the sweep is to end.
    init(interrupt: Interrupt, environment: [String: String]) {
        self.interrupt = interrupt
        profiles = ProfileCache(environment: environment)
    }

    func run(_ point: SweepPoint, in folder: String) throws(PointInterruption) -> PointOutcome {
        do {
            let resolved = point.resolved
            try Data(resolved.yaml.utf8).write(to: URL(fileURLWithPath: "\(folder)/config.yaml"))
            let profile = try profiles.profile(named: resolved.configuration.hardware.profile)
            let prediction = try Predictor(resolved.configuration, profile: profile).run(interrupt: interrupt)
            if !prediction.isInterrupted {
                let report = PredictedReport(resolved: resolved, configName: folder, id: point.id, started: Date())
                return PointOutcome(try report.report(prediction))
            }
        } catch {
            return PointOutcome(failure: "\(error)")
        }
        throw PointInterruption()
    }
}
