internal import Workloads
internal import Configuration
internal import MoE

/// The router that a configuration asks for.
enum RouterFactory {
    static func router(_ configuration: RunConfiguration) throws(RoutingError) -> any Router {
        let name = configuration.workload.kind == .trace ? "replay" : configuration.router.kind.rawValue
        return try RouterCatalog.router(named: name, options: options(configuration.router))
    }

    private static func options(_ router: RouterConfiguration) -> RouterOptions {
        RouterOptions(
            topK: router.topK,
            normalize: router.normalize,
            scale: Float(router.scale),
            noiseEpsilon: router.noiseEpsilon,
            importanceLoss: router.importanceLoss,
            loadLoss: router.loadLoss,
            capacity: router.drop == .none
                ? nil : CapacityRule(factor: router.capacityFactor, minimum: router.minCapacity)
        )
    }
}
