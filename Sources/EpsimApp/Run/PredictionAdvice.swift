import Basics
import Cluster
import Configuration
import CostModel
import Foundation
import Runtime
import Settings
import Workloads

/// The command that predicts a run which this machine has no memory for.
struct PredictionAdvice {
    /// The part of a rank's memory that the model may take with even loads; loads that are not even take more.
    private static let share = 0.8
    /// The most experts of all layers together for which numbers of ranks are tried; the largest published models have
    /// about 25 000.
    private static let mostExperts = 250_000

    let request: ConfigurationRequest
    let plan: RunPlan

    /// The command as a shell takes it, with as many ranks as the model needs on the configured hardware; nil where no
    /// number of them is enough, or no file holds the configuration.
    var command: String? {
        let environment = ProcessInfo.processInfo.environment
        let (experts, overflows) = plan.model.experts.multipliedReportingOverflow(by: plan.model.layers)
        guard !overflows, experts <= Self.mostExperts,
            let words = request.commandWords(isKept: {
                $0 != "cluster.workers" && RunPlan.table[$0]?.readers.clock != .measured
            }),
            let profile = try? HardwareLoader.load(named: plan.hardware.profile, environment: environment)
        else { return nil }
        var plan = plan
        while plan.cluster.workers <= plan.model.experts {
            if let ofRank = plan.workload.tokensPerRank { plan.workload.tokens = ofRank * plan.cluster.workers }
            let holds = try? Predictor.holds(plan, on: profile, share: Self.share)
            if holds == true {
                return CommandWords.line(["epsim", "predict"] + words + ["--ranks", "\(plan.cluster.workers)"])
            }
            plan.cluster.workers *= 2
        }
        return nil
    }

    /// The error of a run that does not fit, with the command behind it.
    func added(to error: RuntimeError) -> RuntimeError {
        guard case .configuration(let text) = error, let command else { return error }
        return .configuration("\(text); or predict it\(without): \(command)")
    }

    /// The settings that have to leave the configuration first, since a prediction would lack their effect.
    private var without: String {
        let keys = RunPlan.table.options.filter { option in
            option.readers == .effect(.measured) && option.text(plan) != option.text(RunPlan())
        }.map(\.key)
        return keys.isEmpty ? "" : " without \(WordList.all(keys))"
    }
}
