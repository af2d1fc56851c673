public import Basics

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
        /// The rule of a router that is a row of values, else nil.
        public var rule: TopKRule?
        /// Options that it reads beyond those of all rules, or of all queues.
        var alsoReads: [any PartialKeyPath<RouterOptions> & Sendable] = []
        /// Whether its experts have queues, whose options it then reads.
        public var hasQueues = false
        /// What it needs beside logits.
        public var needs: Set<RouterNeed> = []
        /// Makes it.
        public let make: @Sendable (RouterOptions) -> any Router

        /// Whether it reads an option; the others mean nothing to it.
        public func reads(_ option: RouterOption) -> Bool {
            switch option.readers {
            case .rules where rule != nil, .queues where rule != nil || hasQueues: true
            default: alsoReads.contains { $0 == option.option.path() }
            }
        }

        /// Whether it reads the option of a property.
        public func reads(_ path: PartialKeyPath<RouterOptions>) -> Bool {
            RouterOptions.rows.contains { $0.option.path() == path && reads($0) }
        }
    }

    /// All routers, in the order in which help texts list them.
    public static let entries = RouterFamily.all.map(Entry.init(family:)) + others

    private static let byName = Dictionary(entries.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

    /// The entry called `name`, or nil.
    public static func entry(named name: String) -> Entry? { byName[name] }

    /// The router called `name`.
    ///
    /// - Throws: ``RoutingError`` that lists the names when there is none, or says that a capacity is not allowed.
    public static func router(named name: String, options: RouterOptions) throws(RoutingError) -> any Router {
        guard let entry = entry(named: name) else {
            let names = entries.map(\.name).joined(separator: ", ")
            throw RoutingError("there is no router '\(name)'; allowed are \(names)")
        }
        try options.checkCapacity(of: entry.rule?.capacity)
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
        rule = family.rule
        make = { TopKRouter(rule: family.rule.applying($0)) }
    }
}

extension ValueRule where Value == String {
    /// The name of a router.
    public static var router: ValueRule {
        let names = RouterCatalog.entries.map(\.name)
        return ValueRule(
            allowed: "the name of a router (listed by epsim config routers)",
            form: .text,
            value: { RouterCatalog.entry(named: $0)?.name },
            text: { $0 },
            nearest: { NearestName.of($0, among: names) }
        )
    }
}
