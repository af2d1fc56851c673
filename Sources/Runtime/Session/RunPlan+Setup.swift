import Cluster
internal import Experts
import MoE
internal import Placement
import Tensors
import Workloads

extension RunPlan {
    /// The source ranks of a step's tokens.
    ///
    /// - Parameter listed: the rank of each token, where the workload says it.
    func sources(tokens: Int, listed: [Int32]?) -> SourceRanks {
        SourceRanks(tokens: tokens, ranks: cluster.workers, listed: listed, counts: workload.tokensBySource)
    }
}

extension RunPlan {
    /// The source of the run's weights: the seed, or a checkpoint.
    var weightSource: WeightSource {
        guard let path = model.checkpoint, let family = model.family else { return .seed(run.seed) }
        return .checkpoint(
            CheckpointReference(
                path: path,
                family: family,
                layers: model.checkpointLayers,
                changed: FileChange.newest(at: path),
                // What cannot be read is an error where the checkpoint is opened.
                storage: (try? Checkpoint.storage(at: path)) ?? ""
            )
        )
    }

    /// The work classes of the experts' matrix products, by mean number of rows, with no form of product chosen yet.
    func productPlan() throws(RuntimeError) -> ProductPlan {
        ProductPlan(tokens: workload.tokens, copies: try copies(), experts: modelShape.candidates)
    }

    /// The most routed experts that a token visits.
    func copies() throws(RuntimeError) -> Int {
        do {
            return try copiesPerToken()
        } catch {
            throw .configuration("\(error)")
        }
    }

    /// Whether layers normalise their input.
    var normalizesInput: Bool { model.norm == .rms }

    /// Whether the coordinator itself holds the common experts.
    var sharesOnCoordinator: Bool { cluster.shared == .coordinator }

    /// The number of threads of this machine that compute: the coordinator's, those of its own experts, and the workers'.
    ///
    /// - Parameter localWorkers: the number of workers on this machine.
    public func busyProcesses(localWorkers: Int) -> Int {
        let own = sharesOnCoordinator && modelShape.hasCommonExperts ? cluster.threads : 0
        return 1 + own + localWorkers * cluster.threads
    }
}

extension ClusterOptions {
    /// The form of token rows on the wire.
    var rowForm: RowForm {
        RowForm(
            dispatch: (dispatchPayload ?? payload).dtype,
            combine: payload.dtype,
            carriesWeights: gateWeights == .worker || combine == .presum,
            presums: combine == .presum
        )
    }
}
