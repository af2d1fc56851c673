import ArgumentParser
import Basics
import Reports
import RunStore
import Runtime

extension ExitCode {
    /// The configuration is wrong, or asks for what this machine does not have.
    static let badConfiguration = ExitCode(78)
    /// A `--require` was missed.
    static let requirementMissed = ExitCode(99)
    /// The user ended the run.
    static let interrupted = ExitCode(130)
}

/// Runs a command about run folders: what goes wrong is said in one line, and the exit code is 1.
func reportingStoreErrors(_ body: () throws -> Void) throws {
    do {
        try body()
    } catch let error as RunStoreError {
        Console.note("epsim: \(error)")
        throw ExitCode.failure
    } catch let error as any DescribedError {
        Console.note("epsim: \(error)")
        throw ExitCode.failure
    }
}

extension RuntimeError {
    /// Says what went wrong, and with which code the process ends.
    func reported() -> ExitCode {
        Console.note("epsim: \(self)")
        switch self {
        case .configuration: return .badConfiguration
        case .interrupted: return .interrupted
        case .cluster, .local: return .failure
        }
    }
}
