import MoE
import Cluster
internal import Placement

extension RunPlan {
    /// A placement that was given for this run, or else that of the configuration's policy.
    ///
    /// - Throws: ``RuntimeError`` when the experts cannot be placed, or were placed for another model or cluster.
    func placement(orGiven given: Placement?) throws(RuntimeError) -> Placement {
        let (layers, experts, ranks) = (modelShape.layers, modelShape.experts, cluster.workers)
        guard let given else {
            do {
                return try cluster.placement.placement(layers: layers, experts: experts, ranks: ranks)
            } catch {
                throw .configuration("\(error)")
            }
        }
        guard given.layers.count == layers, given.experts == experts, given.ranks == ranks else {
            throw .configuration(
                "placement: found \(given.layers.count) layers of \(given.experts) experts on \(given.ranks) ranks, allowed: "
                    + "\(layers) layers of \(experts) experts on \(ranks) ranks, as the run has"
            )
        }
        return given
    }
}
