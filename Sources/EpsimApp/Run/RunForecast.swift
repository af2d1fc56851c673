import Configuration
import Records
import Foundation
import Runtime

/// What the modelled clock of this machine says of the steps of a run; nothing where the machine is not calibrated.
struct RunForecast {
    private(set) var prediction: HostPrediction?
    /// Why there is none, though the machine is calibrated.
    private(set) var notes: [String] = []

    /// - Parameter isLocal: whether all processes ran on this machine.
    init(_ session: Session, _ outcome: SessionOutcome, isLocal: Bool) {
        guard isLocal, !outcome.steps.isEmpty else { return }
        do {
            guard let profile = try HostLoader.load(environment: ProcessInfo.processInfo.environment),
                Host.isHost(of: profile)
            else { return }
            switch session.forecast(of: outcome.steps, by: profile) {
            case .prediction(let prediction): self.prediction = prediction
            case .none(let reason): notes.append(reason)
            }
        } catch {
            notes.append("no prediction: \(error)")
        }
    }
}
