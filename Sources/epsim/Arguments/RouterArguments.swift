import ArgumentParser
import EpsimApp
import Settings

/// The arguments for a router and its options.
struct RouterArguments: ParsableArguments {
    @Option(help: "The router (router.kind); 'epsim config routers' lists all.") var router: String

    @Option(help: "Change an option of the router, for example router.top_k=8; may be repeated.")
    var set: [ConfigurationOverride] = []

    /// The overrides of `router.kind` and of the router's options.
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
