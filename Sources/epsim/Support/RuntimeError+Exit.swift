import ArgumentParser
import Runtime

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
