import ArgumentParser

extension ExitCode {
    /// The configuration is wrong, or asks for what this machine does not have.
    static let badConfiguration = ExitCode(78)
    /// A `--require` was missed.
    static let requirementMissed = ExitCode(99)
    /// The user ended the run.
    static let interrupted = ExitCode(130)
}
