import ArgumentParser
import Configuration
import Foundation

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
