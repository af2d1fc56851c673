import Foundation
import Reports
import Runtime

/// A live run of a configuration in a process of its own, with its prediction.
struct HostRun {
    let report: Report
    let prediction: PredictionFigures
    /// The part of the cores' time that processes other than the run took while it ran, 0 to 1, or nil when unknown.
    let othersShare: Double?

    /// Run a configuration and read its report and prediction.
    ///
    /// - Parameters:
    ///   - config: the configuration.
    ///   - profiles: the folder of the profile to predict by, or nil for the user's.
    /// - Throws: the reason why the run or its prediction failed.
    init(config: String, profiles: String? = nil) throws {
        let out = FileManager.default.temporaryDirectory.appendingPathComponent("epsim-run-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: out) }
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: try Executable.path())
        process.arguments = ["run", config, "--json", "--out", out.path]
        process.standardOutput = output
        if let profiles {
            process.environment = ProcessInfo.processInfo.environment.merging(["EPSIM_HARDWARE": profiles]) { $1 }
        }
        let before = ProcessorTime.now()
        do {
            try process.run()
        } catch {
            throw RuntimeError.local("\(config): epsim cannot be started: \(error.localizedDescription)")
        }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        othersShare = before.flatMap { before in ProcessorTime.now().flatMap { $0.othersShare(since: before) } }
        guard process.terminationStatus == 0 else {
            throw RuntimeError.local("\(config): its run ended with code \(process.terminationStatus)")
        }
        report = try Report(json: String(decoding: data, as: UTF8.self))
        guard let prediction = report.prediction else {
            throw RuntimeError.local("\(config): its report has no prediction; calibrate first (epsim calibrate)")
        }
        self.prediction = prediction
    }
}
