import Foundation
import Runtime
import Subprocess
import Synchronization
import SystemPackage

/// A child process that runs `epsim run` and ends when this process is gone.
struct ChildRun {
    /// Seconds between two looks at the run and at the interrupt.
    private static let period = 0.01
    /// The signals that end an unwanted run: five interrupts, two seconds apart, then a kill. A run that has only just
    /// begun may miss an interrupt, and any run ends at once at its third.
    private static let requests = [TeardownStep](
        repeating: .send(signal: .interrupt, allowedDurationToNextStep: .seconds(2)),
        count: 5
    )

    private let status: TerminationStatus
    /// The text that the run wrote to standard output.
    let output: String

    /// The failure of the run as the end of a sentence, such as `ended with exit code 1`; nil when the run succeeded.
    var failure: String? {
        switch status {
        case .exited(0): nil
        case .exited(let code): "ended with exit code \(code)"
        case .signaled(let signal): "was killed by signal \(signal)"
        }
    }

    /// True where a signal ended the run.
    var wasKilled: Bool { if case .signaled = status { true } else { false } }

    /// Start a run, and block this thread, which must be none of Swift's concurrency pool, until the run has ended.
    ///
    /// - Parameters:
    ///   - executable: the path of the epsim program.
    ///   - arguments: the arguments after `epsim run`.
    ///   - environment: the environment variables that the run has beside, or in place of, those of this process.
    ///   - messages: the file that gets the run's standard error, or nil for the standard error of this process.
    ///   - interrupt: once it is raised, the run is asked to end.
    ///   - tick: called every 10 ms while the run is under way.
    /// - Throws: when the run cannot be started.
    init(
        executable: String,
        arguments: [String],
        environment: [String: String] = [:],
        messages: String? = nil,
        interrupt: Interrupt,
        tick: () -> Void = {}
    ) throws {
        var options = PlatformOptions()
        // What a terminal sends reaches it through this process alone: an ignored signal, as by nohup, is not inherited.
        options.processGroupID = 0
        options.teardownSequence = Self.requests
        let configuration = Subprocess.Configuration(
            executable: .path(FilePath(executable)),
            arguments: Arguments(["run"] + arguments + ["--parent", "\(ProcessInfo.processInfo.processIdentifier)"]),
            environment: .inherit.updating(
                environment.reduce(into: [:]) { $0[Environment.Key(stringLiteral: $1.key)] = $1.value }
            ),
            platformOptions: options
        )
        self = try Self.wait(
            for: configuration,
            errors: messages.map(Self.file) ?? .currentStandardError,
            interrupt,
            tick
        )
    }

    private init(status: TerminationStatus, output: String) {
        self.status = status
        self.output = output
    }

    private static func wait(
        for configuration: Subprocess.Configuration,
        errors: FileDescriptorOutput,
        _ interrupt: Interrupt,
        _ tick: () -> Void
    ) throws -> ChildRun {
        let end = Mutex<Result<ChildRun, any Error>?>(nil)
        let ended = DispatchSemaphore(value: 0)
        let task = Task.detached {
            let result: Result<ChildRun, any Error>
            do {
                let run = try await Subprocess.run(configuration, output: .string(limit: .max), error: errors)
                result = .success(ChildRun(status: run.terminationStatus, output: run.standardOutput))
            } catch {
                result = .failure(error)
            }
            end.withLock { $0 = result }
            ended.signal()
        }
        while true {
            if let result = end.withLock({ $0 }) { return try result.get() }
            tick()
            if interrupt.isRaised { task.cancel() }
            _ = ended.wait(timeout: .now() + period)
        }
    }

    private static func file(_ path: String) throws -> FileDescriptorOutput {
        let file = try FileDescriptor.open(
            FilePath(path),
            .writeOnly,
            options: [.create, .truncate, .closeOnExec],
            permissions: [.ownerReadWrite, .groupRead, .otherRead]
        )
        return .fileDescriptor(file, closeAfterSpawningProcess: true)
    }
}
