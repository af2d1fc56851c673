/// Every router by its name.
public enum RouterCatalog {
    /// A router that a configuration can name.
    public struct Entry: Sendable {
        /// Its name.
        public let name: String
        /// What it does, in one line.
        public let summary: String
        /// Where it is published.
        public let source: String
        /// The losses that it reports.
        public let loss: String
        /// What it drops.
        public let drop: String
        /// Models and systems that use it.
        public let usedBy: String
        /// Makes it.
        public let make: @Sendable (RouterOptions) -> any Router
    }

    /// All routers, in the order in which help texts list them.
    public static let entries = RouterFamily.all.map(Entry.init(family:)) + others

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

extension RouterCatalog.Entry {
    /// The entry of a family; its texts follow from the family's values.
    init(family: RouterFamily) {
        name = family.name
        summary = family.rule.summary
        source = family.source
        loss = family.rule.lossSummary
        drop = family.rule.dropSummary
        usedBy = family.usedBy
        make = { TopKRouter(rule: family.rule.applying($0)) }
    }
}
