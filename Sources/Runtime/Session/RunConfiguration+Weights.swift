import Workloads
internal import Cluster
internal import MoE

extension RunPlan {
    /// Where the weights of the run come from.
    var weightSource: WeightSource {
        guard let path = model.checkpoint, let family = model.family else { return .seed(run.seed) }
        return .checkpoint(
            CheckpointReference(
                path: path,
                family: family,
                layers: model.checkpointLayers,
                changed: FileChange.newest(at: path)
            )
        )
    }

    /// The classes of the products' work, and no forms yet.
    func productPlan() throws(RuntimeError) -> ProductPlan {
        ProductPlan(tokens: workload.tokens, copies: try copies(), experts: model.experts)
    }

    /// Routed experts that a token visits.
    func copies() throws(RuntimeError) -> Int {
        do {
            return try copiesPerToken()
        } catch {
            throw .configuration("\(error)")
        }
    }

    /// Whether layers norm what they read.
    var normalizesInput: Bool { model.norm == .rms }

    /// Whether the coordinator itself holds the common experts.
    var sharesOnCoordinator: Bool { cluster.shared == .coordinator }
}
