import Basics
import Runtime
public import Settings
internal import Yams

/// The kinds of YAML files that `epsim run` and `epsim sweep` read, which their keys tell apart.
public enum SettingsKind: Equatable, Sendable {
    /// The settings of one run.
    case configuration
    /// What to vary over many runs.
    case sweep

    /// The kind of a file with these keys at its top level; nil where they are of neither kind, or of both.
    init?(keys: [String]) {
        let (isOfRun, isOfSweep) = (
            keys.contains { RunPlan.table.names(in: "").contains($0) },
            keys.contains { SweepSchema.schema.names(in: "").contains($0) }
        )
        guard isOfRun != isOfSweep else { return nil }
        self = isOfRun ? .configuration : .sweep
    }

    /// The kind of a mapping.
    init?(of mapping: Node.Mapping) {
        self.init(keys: mapping.compactMap { $0.key.scalar?.string })
    }

    /// The error of a sweep file in place of a configuration, or nil where a file is anything else.
    public static func sweepInsteadOfConfiguration(_ file: String) -> ConfigurationError? {
        guard let text = try? TextFile.read(file),
            let mapping = try? YAMLDocument.mapping(of: text, file: file, allowed: "a mapping"),
            Self(of: mapping) == .sweep
        else { return nil }
        return Self.sweep.misplaced(file)
    }

    /// The error of a file of this kind in place of one of the other kind.
    func misplaced(_ file: String) -> ConfigurationError {
        let message =
            switch self {
            case .configuration: "a configuration of a run, not a sweep file; 'epsim run' runs it"
            case .sweep: "a sweep file, not a configuration of a run; 'epsim sweep' runs it"
            }
        return ConfigurationError(ConfigurationProblem(location: file, message: message))
    }
}
