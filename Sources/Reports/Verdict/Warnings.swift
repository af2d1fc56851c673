import MoE
import Basics

/// What a reader should know before comparing figures, though the run is valid.
enum Warnings {
    /// The part of a layer's time that clock uncertainty may reach unmentioned.
    static let unmentionedUncertainty = 0.01

    /// The warnings about a run, in a fixed order.
    static func all(_ run: RunDescription, stepSeconds: Double?) -> [String] {
        (run.clock == .measured ? run.hosts.compactMap(\.crowding) : []) + cycling(run.workload)
            + clocks(run, stepSeconds: stepSeconds)
    }

    private static func cycling(_ workload: WorkloadDescription) -> [String] {
        guard let cycles = workload.cycles, cycles > 1 else { return [] }
        return ["the workload is shorter than the run: cycled \(FixedPoint.text(cycles, decimals: 1)) times"]
    }

    private static func clocks(_ run: RunDescription, stepSeconds: Double?) -> [String] {
        guard let stepSeconds, run.model.layers > 0 else { return [] }
        let allowed = unmentionedUncertainty * stepSeconds / Double(run.model.layers)
        return run.workers.filter { $0.clockUncertaintySeconds > allowed }.map { worker in
            let most = DisplayUnit.microseconds().full(worker.clockUncertaintySeconds)
            return "dispatch and combine times of rank \(worker.rank) may be off by \(most) a layer: "
                + "the clock of \(worker.host) is known no better"
        }
    }
}
