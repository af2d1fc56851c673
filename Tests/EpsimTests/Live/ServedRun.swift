import Foundation
import TestSupport
import Testing

/// A run that is served, from its start to its end.
struct ServedRun {
    let process: EpsimProcess
    /// The run folders' folder.
    let out: String
    /// The address that it printed.
    let url: URL
    /// The port of it.
    let port: UInt16
}

extension Sandbox {
    /// Starts a run with `--serve` and waits for its address.
    func serve(
        _ arguments: [String],
        command: [String] = ["run", "tiny.yaml"],
        isOnTerminal: Bool = false,
        environment: [String: String] = [:]
    ) async throws -> ServedRun {
        let out = freshOut()
        let process = try start(
            command + ["--out", out, "--serve"] + arguments,
            environment: environment,
            isOnTerminal: isOnTerminal
        )
        var found: URL?
        let mark = "live view: "
        _ = try await holds(within: 10) {
            let lines = (process.errorsSoFar + process.shown).split(whereSeparator: \.isNewline)
            found = lines.first { $0.hasPrefix(mark) }.flatMap { URL(string: String($0.dropFirst(mark.count))) }
            return found != nil || !process.isRunning
        }
        guard let url = found, let port = url.port.flatMap(UInt16.init(exactly:)) else {
            throw TestTrouble("the run told no address: \(process.errorsSoFar)\(process.shown)")
        }
        return ServedRun(process: process, out: out, url: url, port: port)
    }
}

extension ServedRun {
    /// The metrics as they are.
    func metrics(_ headers: [String] = ["Host: 127.0.0.1"]) throws -> Exposition {
        try Exposition(RawClient.request("/metrics", port: port, headers: headers).body)
    }

    /// Waits until the run is in a stage.
    func wait(for stage: String, within seconds: Double = 30) async throws {
        let reached = try await holds(within: seconds) {
            try JSON(parsing: RawClient.request("/state.json", port: port).body).string("stage") == stage
        }
        #expect(reached, "the run did not reach the stage \(stage)")
    }
}
