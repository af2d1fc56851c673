import ArgumentParser
import MoE

/// Which router, with which options.
struct RouterArguments: ParsableArguments {
    @Option(help: "Name of the router (router.kind); epsim config routers lists all.")
    var router: String

    @Option(help: "Change any key of the section router, for example router.top_k=8; may be repeated.")
    var set: [ConfigurationOverride] = []

    func load(frequencies: [Double]?) throws -> NamedRouter {
        var options = RouterOptions()
        options.frequencies = frequencies
        guard let entry = RouterCatalog.entries.first(where: { $0.name == router }) else {
            throw ExitCode.badConfiguration
        }
        return NamedRouter(entry: entry, router: try RouterCatalog.router(named: router, options: options))
    }
}
