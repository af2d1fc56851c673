public import Basics
public import Configuration
import Foundation
public import Reports
public import Settings
import Sweeps

/// A configuration file or a system, and the settings that are changed in it.
public struct ConfigurationRequest: Sendable {
    /// The origin of the settings below the changes.
    public enum Origin: Sendable {
        /// The configuration file at a path.
        case file(String)
        /// A system of the catalogue, at a size.
        case system(String, SystemSize)
    }

    private let origin: Origin
    private let overrides: [Override]

    /// Create a request with changes, the strongest last.
    public init(_ origin: Origin, overrides: [Override] = []) {
        self.origin = origin
        self.overrides = overrides
    }

    /// The name of the configuration in reports: the path of the file, or the name of the system.
    public var name: String {
        switch origin {
        case .file(let path): path
        case .system(let name, _): Self.systemPrefix + name
        }
    }

    /// The beginning of the names of systems in reports.
    private static let systemPrefix = "system "

    /// The system that a ``name`` in a report stands for, or nil where it stands for a file.
    static func system(ofName name: String) -> String? {
        name.hasPrefix(systemPrefix) ? String(name.dropFirst(systemPrefix.count)) : nil
    }

    /// The words that give the same configuration to another command; nil where no file holds it.
    ///
    /// - Parameter isKept: whether the change of a key is among them.
    func commandWords(isKept: (String) -> Bool) -> [String]? {
        guard case .file(let path) = origin else { return nil }
        return [path] + overrides.filter { isKept($0.key) }.flatMap { ["--set", "\($0.key)=\($0.value)"] }
    }

    /// The error of a sweep file in place of the configuration, or nil.
    private var mistakenSweep: ConfigurationError? {
        guard case .file(let path) = origin else { return nil }
        return SettingsKind.sweepInsteadOfConfiguration(path)
    }

    /// Resolve the configuration, or print all errors in it.
    ///
    /// - Parameter clock: the clock of the command, which refuses settings that it does not read; nil for none.
    /// - Throws: ``ExitStatus/badConfiguration``.
    public func load(extra: [Override] = [], for clock: StepClock? = nil) throws(ExitStatus) -> ResolvedConfiguration {
        do {
            let environment = ProcessInfo.processInfo.environment
            let overrides = overrides + extra
            return switch origin {
            case .file(let path):
                try ConfigurationLoader.load(file: path, overrides: overrides, environment: environment, for: clock)
            case .system(let name, let size):
                try ConfigurationLoader.load(
                    system: name,
                    size: size,
                    overrides: overrides,
                    environment: environment,
                    for: clock
                )
            }
        } catch {
            Console.note((mistakenSweep ?? error).description)
            throw .badConfiguration
        }
    }
}

/// The options of showing and keeping the results of a run.
public struct ReportOptions: Sendable {
    /// The form in which the report is printed.
    public var format = OutputFormat.table
    /// Whether nothing is printed but errors, and the report where its form is not the table.
    public var quiet = false
    /// Whether the table shows loads and losses over the steps.
    public var overSteps = false
    /// The parent folder of run folders, or nil for that of the configuration.
    public var out: String?
    /// The path of the file for router choices and outputs, or nil.
    public var saveOutputs: String?
    /// Whether every token is recomputed by a plain loop over experts and compared.
    public var verify = false
    /// The requirements on figures of the report that `--require` gives.
    public var requirements: [Requirement] = []

    /// Create the default options.
    public init() {}

    /// Whether the terminal may show the progress of a run.
    var showsProgress: Bool { !quiet && format == .table }
}
