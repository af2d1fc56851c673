import Cluster
internal import Configuration
internal import MoE
internal import Placement

extension RunConfiguration {
    /// Where the policy puts the experts of each layer.
    ///
    /// - Throws: ``RuntimeError`` when the experts cannot be placed.
    func placement() throws(RuntimeError) -> Placement {
        do {
            return try cluster.placement.placement(
                layers: modelShape.layers,
                experts: modelShape.experts,
                ranks: cluster.workers
            )
        } catch {
            throw .configuration("\(error)")
        }
    }
}
