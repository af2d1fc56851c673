internal import Basics
internal import Foundation

/// The command that starts a worker process.
struct WorkerLaunch {
    /// The lifetime of the process.
    enum Lifetime {
        /// The worker lives as long as the process that started it.
        case parent(Int32)
        /// The worker lives until it is told to stop.
        case stays
    }

    let endpoint: Endpoint
    let rank: Int
    let keyFile: String?
    let lifetime: Lifetime

    var arguments: [String] {
        var arguments = ["worker", "--connect", endpoint.description, "--rank", "\(rank)"]
        if let keyFile { arguments += ["--key-file", keyFile] }
        switch lifetime {
        case .parent(let pid): arguments += ["--parent", "\(pid)"]
        case .stays: arguments += ["--stay"]
        }
        return arguments
    }

    /// Start the process; its standard error goes to the file `log`.
    ///
    /// With Foundation: swift-subprocess keeps a child within one asynchronous call, but the owner of workers is
    /// synchronous, and workers that stay outlive the program.
    func start(executable: String, log: String) throws(RuntimeError) -> Process {
        guard FileManager.default.createFile(atPath: log, contents: nil),
            let output = FileHandle(forWritingAtPath: log)
        else { throw .local("cannot write the log of worker \(rank) to \(log)") }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = output
        do {
            try process.run()
        } catch {
            throw .local("worker \(rank) cannot be started from \(executable): \(error.localizedDescription)")
        }
        return process
    }
}
