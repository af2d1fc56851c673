import Foundation
import TestSupport
import Testing

/// The real program while it runs. Each wait has a deadline; the output goes to files, so that nothing can block it.
final class EpsimProcess {
    /// What a finished process left.
    struct Result {
        /// The exit code, or 128 + the signal that ended the process.
        let code: Int32
        let output: String
        let errors: String

        /// Standard error without the lines of loggers, which begin with a date.
        var messages: [String] {
            errors.split(whereSeparator: \.isNewline).map(String.init).filter { !$0.hasPrefix("20") }
        }
    }

    /// The program beside the test bundle.
    static let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appendingPathComponent("epsim").path

    private let process = Process()
    private let outputPath: String
    private let errorsPath: String
    private let terminal: Terminal?
    private let started = ContinuousClock.now

    /// Starts the program.
    ///
    /// - Parameters:
    ///   - capture: path before `.out` and `.err`, the files that receive the output.
    ///   - isOnTerminal: whether standard error is a terminal.
    ///   - showsOutput: whether standard output is that terminal too.
    ///   - columns: the width of that terminal, or 0 for one that says nothing of its size.
    ///   - isTypedAt: whether standard input is that terminal too.
    ///   - limit: what `ulimit` lowers first, such as `-n 64`.
    init(
        _ arguments: [String],
        folder: String,
        environment: [String: String],
        capture: String,
        isOnTerminal: Bool,
        showsOutput: Bool = false,
        columns: UInt16 = 0,
        isTypedAt: Bool = false,
        limit: String? = nil
    ) throws {
        outputPath = capture + ".out"
        errorsPath = capture + ".err"
        terminal = isOnTerminal ? try Terminal(columns: columns) : nil
        process.executableURL = URL(fileURLWithPath: limit == nil ? Self.program : "/bin/bash")
        let shell = limit.map { ["-c", "ulimit -c 0 && ulimit \($0) && exec \"$0\" \"$@\"", Self.program] } ?? []
        process.arguments = shell + arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.environment = environment
        process.standardInput = isTypedAt ? terminal?.farEnd ?? .nullDevice : .nullDevice
        let output = try Self.file(outputPath)
        process.standardOutput = showsOutput ? terminal?.farEnd ?? output : output
        process.standardError = try terminal?.farEnd ?? Self.file(errorsPath)
        try process.run()
    }

    var pid: Int32 { process.processIdentifier }

    var isRunning: Bool { process.isRunning }

    /// What it wrote to its terminal so far.
    var shown: String {
        terminal?.drain()
        return terminal?.text ?? ""
    }

    /// What it wrote to standard output so far, when that is a file.
    var outputSoFar: String { Self.contents(outputPath) }

    /// What it wrote to standard error so far, when that is a file.
    var errorsSoFar: String { Self.contents(errorsPath) }

    /// Types a text at its terminal.
    func type(_ text: String) { terminal?.type(text) }

    func send(signal: Int32) {
        kill(pid, signal)
    }

    /// Waits for the end; a process that has not ended by then is killed and fails the test.
    func finish(within seconds: Double = 30, location: SourceLocation = #_sourceLocation) async throws -> Result {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while process.isRunning {
            terminal?.drain()
            guard ContinuousClock.now < deadline else {
                kill(pid, SIGKILL)
                Issue.record("did not end within \(seconds) s: \(errorsSoFar)\(shown)", sourceLocation: location)
                throw TestTrouble("epsim did not end")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        let code = process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0)
        return Result(code: code, output: Self.contents(outputPath), errors: errorsSoFar + shown)
    }

    private static func file(_ path: String) throws -> FileHandle {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw TestTrouble("cannot write \(path)") }
        return handle
    }

    private static func contents(_ path: String) -> String {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
