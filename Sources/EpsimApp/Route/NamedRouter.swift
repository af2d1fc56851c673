import Runtime
import Configuration
import MoE
import Settings
import Workloads

/// A router of the catalogue with its options.
struct NamedRouter {
    /// Its row in the catalogue.
    let entry: RouterCatalog.Entry
    /// The router itself.
    let router: any Router

    /// What it does, with its options, in one line.
    var summary: String {
        (router as? TopKRouter)?.rule.summary ?? entry.summary
    }
}

extension NamedRouter {
    /// Makes the router for the experts and the vocabulary of a file, or says all that is wrong.
    ///
    /// - Parameter overrides: `router.kind` and its options.
    /// - Throws: ``ExitStatus/badConfiguration``.
    init(_ overrides: [Override], for file: LogitsFile) throws(ExitStatus) {
        do {
            let plan = try ConfigurationLoader.router(overrides, experts: file.experts, of: file.path)
            guard let entry = RouterCatalog.entry(named: plan.kind) else {
                throw RoutingError("there is no router '\(plan.kind)'")
            }
            self.init(entry: entry, router: try plan.makeRouter(tokenFrequencies: file.tokenFrequencies))
        } catch let error as ConfigurationError {
            Console.note(error.description)
            throw .badConfiguration
        } catch {
            Console.note("epsim: \(error)")
            throw .badConfiguration
        }
    }
}
