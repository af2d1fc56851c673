import Foundation
import Synchronization
import TestSupport
import Testing

/// A folder of its own for one test, with an environment that keeps the program inside, and a check at the end that no
/// process is left and no file lies outside.
final class Sandbox {
    private let folder: TemporaryFolder
    private let mark = "SANDBOX_MARK=\(UUID().uuidString)"
    private var started = 0
    private var expectedNames: Set<String> = ["runs"]

    private init() throws {
        folder = try TemporaryFolder()
        for name in ["work", "home", "tmp", "runtime", "capture"] { try folder.makeFolder(name) }
        try write("tiny.yaml", Self.tiny)
        // What an earlier sandbox learned of products need not be measured again.
        if let kernels = Self.kernels.withLock({ $0 }) {
            try folder.write(kernels, as: Self.kernelFile)
        }
    }

    private static let kernels = Mutex<Data?>(nil)
    private static let kernelFile = "home/.config/epsim/hardware/kernels.json"

    /// The hardware profiles that come with epsim.
    static let profiles = packageFolder("configs/hardware")

    /// The smallest run that a verdict calls valid: two layers, two workers, five steps.
    static let tiny = """
        model: {layers: 2, hidden: 32, experts: 8, expert_ffn: 64}
        workload: {kind: synthetic, tokens: 48}
        cluster: {workers: 2, start_seconds: 20, layer_seconds: 20}
        run: {steps: 5, warmup: 1}

        """

    /// Runs a test in a sandbox, checks what it leaves, and removes it.
    static func use<Value>(
        location: SourceLocation = #_sourceLocation,
        _ body: (Sandbox) async throws -> Value
    ) async throws -> Value {
        let sandbox = try Sandbox()
        let result: Swift.Result<Value, any Error>
        do {
            result = .success(try await body(sandbox))
        } catch {
            result = .failure(error)
        }
        try await sandbox.checkProcesses(location)
        sandbox.checkFiles(location)
        if let kernels = FileManager.default.contents(atPath: sandbox.folder.path(kernelFile)) {
            Self.kernels.withLock { $0 = kernels }
        }
        return try result.get()
    }

    /// The folder; short, because socket paths are.
    var path: String { folder.path }

    /// The folder that the program is started in.
    var work: String { "\(path)/work" }

    /// The folder that `cluster up` writes to.
    var runtime: String { "\(path)/runtime/epsim" }

    /// Writes a file into the working folder and returns its path.
    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        try write(name, Array(text.utf8))
    }

    /// Writes a file into the working folder and returns its path.
    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        expect(name)
        return try folder.write(bytes, as: "work/\(name)")
    }

    /// Says that the program will leave a file of this name in the working folder.
    func expect(_ name: String) {
        expectedNames.insert(name)
    }

    /// Starts the program.
    func start(
        _ arguments: [String],
        environment extra: [String: String] = [:],
        isOnTerminal: Bool = false,
        showsOutput: Bool = false,
        columns: UInt16 = 0,
        isTypedAt: Bool = false,
        limit: String? = nil
    ) throws -> EpsimProcess {
        started += 1
        return try EpsimProcess(
            arguments,
            folder: work,
            environment: environment.merging(extra) { $1 },
            capture: "\(path)/capture/\(started)",
            isOnTerminal: isOnTerminal,
            showsOutput: showsOutput,
            columns: columns,
            isTypedAt: isTypedAt,
            limit: limit
        )
    }

    /// Runs the program to its end.
    func epsim(
        _ arguments: String...,
        environment: [String: String] = [:],
        seconds: Double = 30,
        location: SourceLocation = #_sourceLocation
    ) async throws -> EpsimProcess.Result {
        let process = try start(arguments, environment: environment)
        return try await process.finish(within: seconds, location: location)
    }

    /// Processes of this test that run.
    var processes: [ProcessTable.Entry] { ProcessTable.processes(marked: mark) }

    /// Process ids of the workers that run, by rank.
    var workers: [Int: Int32] {
        var workers: [Int: Int32] = [:]
        for process in processes where process.arguments.contains("worker") {
            guard let index = process.arguments.firstIndex(of: "--rank"),
                process.arguments.indices.contains(index + 1), let rank = Int(process.arguments[index + 1])
            else { continue }
            workers[rank] = process.pid
        }
        return workers
    }

    private var environment: [String: String] {
        var environment = [
            "PATH": "/usr/bin:/bin", "HOME": "\(path)/home", "TMPDIR": "\(path)/tmp",
            "XDG_RUNTIME_DIR": "\(path)/runtime", "TERM": "xterm", "LANG": "C.UTF-8",
        ]
        let parts = mark.split(separator: "=").map(String.init)
        environment[parts[0]] = parts[1]
        environment["LD_LIBRARY_PATH"] = ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"]
        return environment
    }

    private func checkProcesses(_ location: SourceLocation) async throws {
        let ended = try await holds(within: 2) { processes.isEmpty }
        let left = processes
        if !ended {
            Issue.record(
                "processes are left: \(left.map { $0.arguments.joined(separator: " ") })",
                sourceLocation: location
            )
        }
        for process in left { kill(process.pid, SIGKILL) }
    }

    private func checkFiles(_ location: SourceLocation) {
        let left =
            names("home").filter { $0 != ".config" } + names("home/.config").filter { $0 != "epsim" }
            + names("home/.config/epsim").filter { $0 != "hardware" }
            // What runs learned of products.
            + names("home/.config/epsim/hardware").filter { $0 != "kernels.json" } + names("tmp")
            + names("runtime/epsim") + names("runtime").filter { $0 != "epsim" }
            + names("work").filter { !expectedNames.contains($0) }
        #expect(left.isEmpty, "files are left", sourceLocation: location)
    }

    private func names(_ folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)")) ?? []).sorted()
    }
}

/// Whether something comes true before the deadline.
func holds(within seconds: Double, _ condition: () throws -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
        if try condition() { return true }
        try await Task.sleep(for: .milliseconds(10))
    }
    return try condition()
}
