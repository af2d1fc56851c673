import ArgumentParser
import Configuration
import EpsimApp
import Foundation
import Settings

/// The configuration file, and the settings that the command line changes in it.
struct ConfigurationArguments: ParsableArguments {
    @Argument(help: "Configuration file (YAML).", completion: .file(extensions: ["yaml", "yml"])) var config: String?
    @Option(help: "A system of 'epsim systems' in place of a file.", completion: .systems) var system: String?
    @Option(help: "Number of workers, one per rank (cluster.workers).") var workers: String?
    @Option(help: "Measured steps (run.steps).") var steps: String?
    @Option(help: "Seed of weights, noise and synthetic input (run.seed).") var seed: String?
    @Option(help: "Change any key of the configuration; may be repeated.") var set: [ConfigurationOverride] = []

    /// The configuration file with all changes.
    ///
    /// - Parameter size: the size of a system.
    func request(size: SystemSize = .laptop) throws -> ConfigurationRequest {
        do {
            let origin = config.map(ConfigurationRequest.Origin.file) ?? .system(system ?? "", size)
            return ConfigurationRequest(origin, overrides: try set.map { try Override(set: $0.text) } + named)
        } catch let error as ConfigurationError {
            Console.note(error.description)
            throw ExitStatus.badConfiguration
        }
    }

    func validate() throws {
        guard (config == nil) != (system == nil) else {
            throw ValidationError("give either a configuration file or --system NAME")
        }
    }

    /// True when the command line changes something in the file.
    var hasChanges: Bool { !set.isEmpty || !named.isEmpty }

    private var named: [Override] {
        [
            workers.map { Override(key: "cluster.workers", value: $0, flag: "--workers") },
            steps.map { Override(key: "run.steps", value: $0, flag: "--steps") },
            seed.map { Override(key: "run.seed", value: $0, flag: "--seed") },
        ].compactMap { $0 }
    }
}

/// An argument of `--set`, such as `cluster.workers=8`.
struct ConfigurationOverride: ExpressibleByArgument {
    static let defaultCompletionKind = CompletionKind.default
    let text: String

    init?(argument: String) {
        text = argument
    }

    var defaultValueDescription: String { "key=value" }
}

extension CompletionKind {
    /// The names of the systems of the catalogue.
    static var systems: CompletionKind {
        names { try ConfigurationLoader.systems(environment: $0).systems.map(\.name) }
    }

    /// The names of the hardware profiles.
    static var hardware: CompletionKind { names { try HardwareLoader.files(environment: $0).map(\.name) } }

    /// Names that the program itself knows; none where it cannot read them, as a shell shows no errors.
    private static func names(_ known: @escaping @Sendable ([String: String]) throws -> [String]) -> CompletionKind {
        .custom { _, _, _ in (try? known(ProcessInfo.processInfo.environment)) ?? [] }
    }
}
