import Configuration
import CostModel
import Foundation
import Reports
import Runtime
import Sweeps

/// The runner that predicts points in this process. It keeps the configuration of each point; from a configuration,
/// `epsim predict` makes the whole report again.
final class SweepModelRunner: PointRunner {
    private let interrupt: Interrupt
    private let profiles: ProfileCache

    /// Create a runner.
    ///
    /// - Parameter interrupt: raised when the sweep is to end.
    init(interrupt: Interrupt, environment: [String: String]) {
        self.interrupt = interrupt
        profiles = ProfileCache(environment: environment)
    }

    func run(_ point: SweepPoint, in folder: String) throws(PointInterruption) -> PointOutcome {
        do {
            let resolved = point.resolved
            try Data(resolved.yaml.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(RunFolder.configName)"))
            let profile = try profiles.profile(named: resolved.plan.hardware.profile)
            let prediction = try Predictor(resolved.plan, profile: profile, interrupt: interrupt).run(
                interrupt: interrupt
            )
            if !prediction.isInterrupted {
                let report = PredictedReport(resolved: resolved, configName: folder, id: point.id, started: Date())
                return PointOutcome(try report.report(prediction))
            }
        } catch RuntimeError.interrupted {
            throw PointInterruption()
        } catch {
            return PointOutcome(failure: "\(error)")
        }
        throw PointInterruption()
    }
}
