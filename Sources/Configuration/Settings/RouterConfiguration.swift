public import MoE

/// The section `router`: which experts see which tokens, with what weight, and what happens to a full expert.
public struct RouterConfiguration: Equatable, Sendable {
    /// The name of the router in ``RouterCatalog``.
    public var kind = "softmax-top-k"
    /// Standard deviation of the seeded gate's logits for a token of unit RMS.
    public var logitStd = 1.0
    /// What is set about it; what is nil is as the router called ``kind`` has it.
    public var options = RouterOptions()

    /// The defaults.
    public init() {}

    /// The router.
    ///
    /// - Parameter tokenFrequencies: how often each vocabulary id occurs, for routers that hash by frequency; nil to
    ///   let them count the tokens of each step.
    /// - Throws: ``RoutingError`` when no router is called ``kind``, or its capacity is not allowed; neither can be in
    ///   a resolved configuration.
    public func makeRouter(tokenFrequencies: [Double]? = nil) throws(RoutingError) -> any Router {
        var options = self.options
        options.frequencies = tokenFrequencies
        return try RouterCatalog.router(named: kind, options: options)
    }
}
