import MoE

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
