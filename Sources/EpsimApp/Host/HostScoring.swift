import Basics
import Figures
import Foundation
import MoE
import Reports
import Runtime

/// The command `epsim calibrate --score`: every configuration of a folder is run on this machine, in a process of its
/// own, and predicted steps are compared with measured ones.
public struct HostScoring {
    private let folder: String
    private let json: Bool

    /// Create the command for a folder of configurations.
    ///
    /// - Parameter json: whether JSON is printed in place of a table.
    public init(folder: String, json: Bool) {
        self.folder = folder
        self.json = json
    }

    /// The predicted and the measured step of one configuration.
    private struct Row: Codable {
        let config: String
        let predictedSeconds: Double
        let measuredSeconds: Double
        /// The measured times of the fastest step and of the 90th percentile over steps, in seconds.
        let fastestSeconds: Double
        let slowSeconds: Double
        /// The share of the cores' time that processes other than the run took during the run, 0 to 1, or nil when
        /// unknown.
        let othersShare: Double?
        /// The relative error of the prediction: predicted / measured - 1.
        let error: Double
    }

    /// The rows of all configurations, with the median and the largest of their absolute errors and the median of their
    /// signed ones.
    private struct Score: Codable {
        let medianError: Double
        let worstError: Double
        let bias: Double
        let rows: [Row]
    }

    /// Run all configurations of the folder and print the scores.
    ///
    /// - Throws: ``ExitStatus`` unless all is well.
    public func run() throws {
        do {
            try score()
        } catch let error as RuntimeError {
            throw error.reported()
        }
    }

    private func score() throws {
        let line = StatusLine(isShown: true)
        defer { line.end() }
        let interrupt = Interrupt()
        interrupt.watch()
        let rows = try files().map { file in
            line.show(file)
            return try row(file, interrupt)
        }
        line.end()
        let errors = Summary(rows.map { abs($0.error) })
        let score = Score(
            medianError: errors?.p50 ?? 0,
            worstError: errors?.max ?? 0,
            bias: Summary(rows.map(\.error))?.p50 ?? 0,
            rows: rows
        )
        Console.print(json ? try JSONText.of(score) : table(score))
    }

    private func files() throws(RuntimeError) -> [String] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw .configuration("--score: found \(folder): no such folder, allowed: a folder with configurations")
        }
        let files = names.filter { $0.hasSuffix(".yaml") }.sorted()
        guard !files.isEmpty else { throw .configuration("--score: no .yaml file in \(folder)") }
        return files
    }

    private func row(_ file: String, _ interrupt: Interrupt) throws -> Row {
        let run = try HostRun(config: "\(folder)/\(file)", interrupt: interrupt)
        guard let error = run.prediction.figures[.predictionError] else {
            throw RuntimeError.local("\(folder)/\(file): no step of its run was measured")
        }
        let steps = run.report.figures[spread: .stepSeconds]
        let measured = steps.p50 ?? 0
        return Row(
            config: String(file.dropLast(".yaml".count)),
            predictedSeconds: run.prediction.stepSeconds,
            measuredSeconds: measured,
            fastestSeconds: run.report.perStep.map(\.seconds).min() ?? measured,
            slowSeconds: steps.p90 ?? measured,
            othersShare: run.othersShare,
            error: error
        )
    }

    private func table(_ score: Score) -> String {
        var table = TextTable(columns: [
            .init("config", alignment: .left), .init("predicted", unit: "ms"), .init("measured", unit: "ms"),
            .init("fastest", unit: "ms"), .init("p90", unit: "ms"), .init("others", unit: "% of cores"),
            .init("error", unit: "%"),
        ])
        let milliseconds = DisplayUnit.milliseconds(decimals: 3)
        for row in score.rows {
            table.append([
                row.config, milliseconds.text(row.predictedSeconds),
                milliseconds.text(row.measuredSeconds),
                milliseconds.text(row.fastestSeconds),
                milliseconds.text(row.slowSeconds),
                row.othersShare.map { FixedPoint.text($0 * 100, decimals: 0) } ?? "-",
                FixedPoint.text(row.error * 100, decimals: 1),
            ])
        }
        func percent(_ value: Double) -> String { "\(FixedPoint.text(value * 100, decimals: 1)) %" }
        let summary =
            "\(score.rows.count) configurations: median error \(percent(score.medianError)), worst "
            + "\(percent(score.worstError)), median of signed errors \(percent(score.bias))"
        return (table.lines(width: Console.width) + ["", summary]).joined(separator: "\n")
    }
}

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
