public import MoE

/// Everything that a run can be told, with its defaults: the model, its router, the tokens, the cluster and the run.
///
/// A setting that does not apply (the noise of a router without noise, say) holds its default.
public struct RunConfiguration: Codable, Equatable, Sendable {
    /// Shape and arithmetic of the stack of layers.
    public var model = ModelConfiguration()
    /// Which experts see which tokens.
    public var router = RouterConfiguration()
    /// Where the tokens come from.
    public var workload = WorkloadConfiguration()
    /// The processes and what lies between them.
    public var cluster = ClusterConfiguration()
    /// How long, with which seed, and where the results go.
    public var run = RunSettings()

    /// The defaults.
    public init() {}

    /// The stack of layers that `model` describes.
    public var modelShape: ModelShape {
        let expert = ExpertShape(hidden: model.hidden, ffn: model.expertFfn, activation: model.activation)
        let shared = ExpertShape(hidden: model.hidden, ffn: model.sharedFfn, activation: model.activation)
        return ModelShape(
            layers: model.layers,
            experts: model.experts,
            expert: expert,
            sharedExpert: model.sharedFfn == 0 ? nil : shared
        )
    }
}
