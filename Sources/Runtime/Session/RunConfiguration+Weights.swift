internal import Cluster
internal import Configuration

extension RunConfiguration {
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

    /// Whether layers norm what they read.
    var normalizesInput: Bool { model.norm == .rms }

    /// Whether the coordinator itself holds the experts that every token visits.
    var sharesOnCoordinator: Bool { cluster.shared == .coordinator }
}
