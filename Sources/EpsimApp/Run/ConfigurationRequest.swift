public import Configuration
import Foundation
public import Settings

/// A configuration file, and the settings that are changed in it.
public struct ConfigurationRequest: Sendable {
    /// The path of the file.
    public var file: String
    /// The settings that are changed, the strongest last.
    public var overrides: [Override]

    /// Create the request for a file with changed settings.
    public init(file: String, overrides: [Override] = []) {
        self.file = file
        self.overrides = overrides
    }

    /// Resolve the configuration, or print all errors in it.
    ///
    /// - Throws: ``ExitStatus/badConfiguration``.
    public func load(extra: [Override] = []) throws(ExitStatus) -> ResolvedConfiguration {
        do {
            return try ConfigurationLoader.load(
                file: file,
                overrides: overrides + extra,
                environment: ProcessInfo.processInfo.environment
            )
        } catch {
            Console.note(error.description)
            throw .badConfiguration
        }
    }
}
