import ArgumentParser
import Configuration
import MoE
import Settings
import Workloads

/// Which router, with which options.
struct RouterArguments: ParsableArguments {
    @Option(help: "The router (router.kind); 'epsim config routers' lists all.")
    var router: String

    @Option(help: "Change an option of the router, for example router.top_k=8; may be repeated.")
    var set: [ConfigurationOverride] = []

    /// Makes the router for the experts and the vocabulary of a file; exits with 78 and all that is wrong when it cannot.
    func load(for file: LogitsFile) throws -> NamedRouter {
        do {
            let kind = Override(key: "router.kind", value: router, flag: "--router")
            let overrides = try [kind] + set.map { try Override(set: $0.text) }
            let configuration = try ConfigurationLoader.router(overrides, experts: file.experts, of: file.path)
            guard let entry = RouterCatalog.entry(named: configuration.kind) else {
                throw RoutingError("there is no router '\(configuration.kind)'")
            }
            let router = try configuration.makeRouter(tokenFrequencies: file.tokenFrequencies)
            return NamedRouter(entry: entry, router: router)
        } catch let error as ConfigurationError {
            Console.note(error.description)
            throw ExitCode.badConfiguration
        } catch let error as RoutingError {
            Console.note("epsim: \(error)")
            throw ExitCode.badConfiguration
        }
    }
}
