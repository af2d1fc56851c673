import Configuration
import CostModel
import Settings
import Validation

/// Reads tables of timings and the hardware profiles that they name.
struct TimingInput {
    let environment: [String: String]

    /// What tables need.
    struct Tables {
        let files: [TimingFile]
        /// Profiles by the names of the column `gpu`.
        let profiles: [String: HardwareProfile]
    }

    /// - Throws: `ConfigurationError` for files and profiles that cannot be read, `TimingError` for what is wrong in
    ///   tables.
    func read(_ paths: [String]) throws -> Tables {
        let files = try paths.map { try TimingFile(csv: TextFile.read($0), name: $0) }
        var profiles: [String: HardwareProfile] = [:]
        var problems: [TimingProblem] = []
        let known = try HardwareLoader.files(environment: environment)
        for file in files {
            var seen: Set<String> = []
            for row in file.rows where profiles[row.gpu] == nil && seen.insert(row.gpu).inserted {
                do {
                    profiles[row.gpu] = try known.profile(named: row.gpu)
                } catch {
                    let message = error.problems.map(\.message).joined(separator: "; ")
                    problems.append(TimingProblem(file: file.name, line: row.line, column: "gpu", message: message))
                }
            }
        }
        guard problems.isEmpty else { throw TimingError(problems) }
        return Tables(files: files, profiles: profiles)
    }
}
