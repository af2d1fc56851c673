import ArgumentParser
import EpsimApp

/// `epsim doctor`: libraries, kernels, cores, memory and limits of this machine.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Show what this machine has: libraries, processor and kernels, cores, memory, limits.",
        discussion: "Example:\n  epsim doctor --workers 8"
    )

    @Option(help: "Number of workers that a run would have.") var workers = 4

    func validate() throws {
        guard (1...1024).contains(workers) else { throw ValidationError("--workers \(workers): 1 to 1024 are allowed") }
    }

    func run() throws { try Diagnosis(workers: workers).show() }
}
