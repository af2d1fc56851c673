internal import Cluster
internal import Configuration

extension RunConfiguration {
    /// Where the weights of the run come from.
    var weightSource: WeightSource { .seed(run.seed) }

    /// Whether layers norm what they read.
    var normalizesInput: Bool { true }

    /// Whether the coordinator itself holds the experts that every token visits.
    var sharesOnCoordinator: Bool { false }
}
