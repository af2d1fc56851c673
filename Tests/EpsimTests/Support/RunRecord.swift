import Basics
import Foundation
import TestSupport
import Testing

/// A finished run with its folder.
struct RunRecord {
    let result: EpsimProcess.Result
    let folder: String
    let report: JSON

    /// Reads what a run left below `out`, which holds one run folder.
    init(_ result: EpsimProcess.Result, out: String) throws {
        self.result = result
        let all = (try? FileManager.default.contentsOfDirectory(atPath: out)) ?? []
        let names = all.filter { $0 != "index.sqlite" }
        guard names.count == 1 else { throw TestTrouble("\(out) holds \(names): \(result.errors)") }
        folder = "\(out)/\(names[0])"
        report = try JSON(parsing: String(contentsOfFile: "\(folder)/report.json", encoding: .utf8))
    }

    var status: String? { report.string("status") }

    var hash: String? { report.string("output.sha256") }

    /// True for a run that ended well. On a busy machine a stamp may come late, which alone makes a run invalid.
    var isSound: Bool {
        let doubts = report.strings("reasons").filter { !$0.hasPrefix("times that do not add up: the phases") }
        return result.code == 0 && (status == "valid" || status == "invalid") && doubts.isEmpty
    }

    /// The rows of one of its tables, by column.
    func table(_ name: String) throws -> [[String: String]] {
        let rows = try CSVReader.rows(of: String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)).map(\.fields)
        guard let header = rows.first else { throw TestTrouble("\(name) is empty") }
        return rows.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(header, $0)) }
    }
}

extension RunRecord: CustomTestStringConvertible {
    var testDescription: String { "run of code \(result.code), \(status ?? ""): \(report.strings("reasons"))" }
}

extension Sandbox {
    /// A folder for run folders that no other run of the sandbox uses.
    func freshOut() -> String {
        "\(work)/runs/\(UInt32.random(in: 0...UInt32.max))"
    }

    /// `epsim run` of a configuration, by default the tiny one.
    func run(
        _ arguments: [String],
        config: String = "tiny.yaml",
        environment: [String: String] = [:],
        seconds: Double = 30,
        location: SourceLocation = #_sourceLocation
    ) async throws -> RunRecord {
        let out = freshOut()
        let process = try start(["run", config, "--quiet", "--out", out] + arguments, environment: environment)
        return try RunRecord(try await process.finish(within: seconds, location: location), out: out)
    }

    /// `epsim run` of the tiny configuration.
    func run(_ arguments: String..., location: SourceLocation = #_sourceLocation) async throws -> RunRecord {
        try await run(arguments, location: location)
    }

    /// Starts a run of more steps than anybody waits for, and waits until some of them are done.
    func startLongRun(_ arguments: String..., workers: Int = 2) async throws -> (process: EpsimProcess, out: String) {
        let out = freshOut()
        let all = ["run", "tiny.yaml", "--out", out, "--steps", "100000", "--workers", "\(workers)"] + arguments
        let process = try start(all, isOnTerminal: true)
        guard try await holds(within: 20, { process.shown.contains("of 100000") || !process.isRunning }),
            process.isRunning
        else { throw TestTrouble("the run did not get under way: \(process.shown)") }
        return (process, out)
    }
}
