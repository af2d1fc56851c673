/// Every router by its name.
public enum RouterCatalog {
    /// A router that a configuration can name.
    public struct Entry: Sendable {
        /// Its name.
        public let name: String
        /// What it does, in one line.
        public let summary: String
        /// Makes it.
        public let make: @Sendable (RouterOptions) -> any Router
    }

    /// All routers, in the order in which help texts list them.
    public static let entries = [
        Entry(name: "softmax-top-k", summary: "softmax over all experts, then the k largest") { options in
            SoftmaxTopKRouter(
                topK: options.topK,
                normalize: options.normalize,
                scale: options.scale,
                auxiliaryLoss: options.auxiliaryLoss,
                capacity: options.capacity
            )
        },
        Entry(name: "noisy-top-k", summary: "the k largest noisy logits, then softmax (Shazeer 2017)") { options in
            NoisyTopKRouter(
                topK: options.topK,
                noiseEpsilon: options.noiseEpsilon,
                importanceLoss: options.importanceLoss,
                loadLoss: options.loadLoss,
                capacity: options.capacity
            )
        },
        Entry(name: "replay", summary: "choices recorded elsewhere") { options in
            ReplayRouter(capacity: options.capacity)
        },
    ]

    /// The router called `name`.
    ///
    /// - Throws: ``RoutingError`` that lists the names when there is none.
    public static func router(named name: String, options: RouterOptions) throws(RoutingError) -> any Router {
        guard let entry = entries.first(where: { $0.name == name }) else {
            let names = entries.map(\.name).joined(separator: ", ")
            throw RoutingError("there is no router '\(name)'; allowed are \(names)")
        }
        return entry.make(options)
    }
}
