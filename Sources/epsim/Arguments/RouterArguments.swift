import ArgumentParser
import EpsimApp
import Settings

/// Which router, with which options.
struct RouterArguments: ParsableArguments {
    @Option(help: "The router (router.kind); 'epsim config routers' lists all.")
    var router: String

    @Option(help: "Change an option of the router, for example router.top_k=8; may be repeated.")
    var set: [ConfigurationOverride] = []

    /// `router.kind` and its options.
    func overrides() throws -> [Override] {
        do {
            return try [Override(key: "router.kind", value: router, flag: "--router")]
                + set.map { try Override(set: $0.text) }
        } catch let error as ConfigurationError {
            Console.note(error.description)
            throw ExitStatus.badConfiguration
        }
    }
}
