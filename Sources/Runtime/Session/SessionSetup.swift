internal import Cluster
internal import Configuration
internal import MoE
internal import Placement
internal import Tensors
internal import Workloads

/// A configuration turned into the things that a run is made of.
struct SessionSetup: Sendable {
    let seed: UInt64
    let model: ModelShape
    let computeType: DType
    let payload: DType
    let workersApplyWeights: Bool
    let creditBytes: Int
    let gateDeviation: Float
    let placement: Placement
    let router: any Router
    let workload: any Workload
    let delay: PhaseDelay?
    let plan: ClusterPlan

    /// - Parameter epoch: identity of the run on the wire.
    init(_ configuration: RunConfiguration, epoch: UInt32) throws(RuntimeError) {
        let cluster = configuration.cluster
        seed = configuration.run.seed
        model = configuration.modelShape
        computeType = configuration.model.dtype.dtype
        payload = cluster.payload.dtype
        workersApplyWeights = cluster.gateWeights == .worker
        creditBytes = cluster.creditMib << 20
        gateDeviation = Float(configuration.router.logitStd)
        delay = Self.delay(cluster)
        do {
            placement = try cluster.placement.placement(experts: model.experts, ranks: cluster.workers)
            router = try configuration.makeRouter()
            workload = try WorkloadFactory.workload(configuration, topK: router.mostCopies(experts: model.experts))
        } catch {
            throw .configuration("\(error)")
        }
        let assignments = Self.assignments(configuration, model, computeType, payload, placement, delay)
        plan = ClusterPlan(
            epoch: epoch,
            assignments: assignments,
            deadlines: ClusterPlan.Deadlines(
                start: Nanoseconds(seconds: cluster.startSeconds),
                heartbeat: Nanoseconds(seconds: cluster.heartbeatSeconds),
                layer: Nanoseconds(seconds: cluster.layerSeconds)
            ),
            bootID: Host.bootID
        )
    }

    private static func delay(_ cluster: ClusterConfiguration) -> PhaseDelay? {
        guard let phase = PhaseDelay.Phase(rawValue: cluster.delayPhase.rawValue) else { return nil }
        return PhaseDelay(
            phase: phase,
            rank: cluster.delayRank,
            duration: Nanoseconds(seconds: cluster.delayMilliseconds / 1000)
        )
    }

    private static func assignments(
        _ configuration: RunConfiguration,
        _ model: ModelShape,
        _ computeType: DType,
        _ payload: DType,
        _ placement: Placement,
        _ delay: PhaseDelay?
    ) -> [Assignment] {
        let cluster = configuration.cluster
        return (0..<placement.ranks).map { rank in
            Assignment(
                rank: rank,
                weights: Assignment.Weights(
                    source: .seed(configuration.run.seed),
                    model: model,
                    dtype: computeType,
                    experts: [[Int]](repeating: placement.experts(onRank: rank), count: model.layers),
                    holdsReplicatedExperts: true,
                    threads: cluster.threads
                ),
                payload: payload,
                appliesGateWeights: cluster.gateWeights == .worker,
                creditBytes: cluster.creditMib << 20,
                silenceLimit: max(
                    Nanoseconds(seconds: 30),
                    Nanoseconds(seconds: cluster.heartbeatSeconds) * ClusterPlan.liveness * 2
                ),
                delay: delay?.rank == rank ? delay : nil
            )
        }
    }
}
