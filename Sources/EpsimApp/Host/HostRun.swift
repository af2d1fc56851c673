import Foundation
import Reports
import Runtime

/// A live run of a configuration in a process of its own, with its prediction.
struct HostRun {
    let report: Report
    let prediction: PredictionFigures
    /// The share of the cores' time that processes other than the run took during the run, 0 to 1, or nil when unknown.
    let othersShare: Double?

    /// Run a configuration and read its report and prediction.
    ///
    /// - Parameters:
    ///   - config: the configuration.
    ///   - profiles: the folder of the profile to predict by, or nil for the user's.
    ///   - interrupt: once it is raised, the run is asked to end.
    /// - Throws: the reason why the run or its prediction failed.
    init(config: String, profiles: String? = nil, interrupt: Interrupt) throws {
        let out = FileManager.default.temporaryDirectory.appendingPathComponent("epsim-run-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: out) }
        let executable = try Executable.path()
        let before = ProcessorTime.now()
        let run: ChildRun
        do {
            run = try ChildRun(
                executable: executable,
                arguments: [config, "--json", "--out", out.path],
                environment: profiles.map { ["EPSIM_HARDWARE": $0] } ?? [:],
                interrupt: interrupt
            )
        } catch {
            throw RuntimeError.local("\(config): epsim cannot be started: \(error)")
        }
        guard !interrupt.isRaised else { throw RuntimeError.interrupted }
        othersShare = before.flatMap { before in ProcessorTime.now().flatMap { $0.othersShare(since: before) } }
        if let failure = run.failure { throw RuntimeError.local("\(config): its run \(failure)") }
        report = try Report(json: run.output)
        guard let prediction = report.prediction else {
            throw RuntimeError.local("\(config): its report has no prediction; calibrate first (epsim calibrate)")
        }
        self.prediction = prediction
    }
}
