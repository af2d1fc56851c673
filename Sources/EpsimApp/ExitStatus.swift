import Basics
import RunStore
public import Runtime

/// The exit status of a command that failed, when the person at the terminal has already been told why.
public enum ExitStatus: Int32, Error {
    /// The run failed.
    case failure = 1
    /// The configuration is wrong, or asks for resources that this machine does not have.
    case badConfiguration = 78
    /// A `--require` was missed.
    case requirementMissed = 99
    /// The user ended the run.
    case interrupted = 130
}

/// Run a command about run folders: print an error in one line, and end with a status.
///
/// - Parameter status: ``ExitStatus/badConfiguration`` while the folders that a person names are read, before anything
///   is made of them.
func reportingStoreErrors<Value>(
    as status: ExitStatus = .failure,
    _ body: () throws -> Value
) throws -> Value {
    do {
        return try body()
    } catch let error as RunStoreError {
        Console.note("epsim: \(error)")
        throw status
    } catch let error as any DescribedError {
        Console.note("epsim: \(error)")
        throw status
    }
}

extension RuntimeError {
    /// Print the error to standard error, and return the exit status that stands for its kind.
    func reported() -> ExitStatus {
        Console.note("epsim: \(self)")
        switch self {
        case .configuration: return .badConfiguration
        case .interrupted: return .interrupted
        case .cluster, .local: return .failure
        }
    }
}

extension ResourceNeed {
    /// Print what the limits of this process lack, if anything.
    ///
    /// - Throws: ``ExitStatus/badConfiguration`` then.
    public func require() throws(ExitStatus) {
        do {
            try check(.current)
        } catch {
            throw error.reported()
        }
    }
}
