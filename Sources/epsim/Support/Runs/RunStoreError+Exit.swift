import Basics
import ArgumentParser
import Reports
import RunStore

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
