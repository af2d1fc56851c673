internal import Cluster
internal import CostModel
internal import MoE
internal import Placement
internal import Records
internal import Workloads

/// The expected loads of a prediction: averages that follow from the popularity of experts, without routing any token.
struct ExpectedTokens: PredictedRows {
    /// The note on the loads for a reader of the report.
    static let warning =
        "loads are expected ones (hardware.routing: expected): the busiest rank of a real step has more, and with few "
        + "copies some experts have none, whose weights are then not read"

    /// The most experts per token for which expected loads are computed.
    private static let mostChoices = 64

    private let plan: RunPlan
    private let source: any ExpectedLoads
    private let choices: Int
    private let known = KnownRows()

    /// The rows of the layers in the step before: most workloads have the same in every step.
    private final class KnownRows {
        var layers: [Int: (routing: ExpectedRouting, layer: PredictedLayer)] = [:]
    }

    init(_ plan: RunPlan) throws {
        self.plan = plan
        choices = try plan.copiesPerToken()
        guard choices <= Self.mostChoices else {
            throw RuntimeError.configuration(
                "hardware.routing: found expected, allowed: tokens, with more than \(Self.mostChoices) experts per token"
            )
        }
        guard plan.cluster.replicaChoice == ClusterOptions().replicaChoice else {
            throw RuntimeError.configuration(
                "cluster.replica_choice: found \(plan.cluster.replicaChoice.rawValue), allowed: none, as expected loads "
                    + "(hardware.routing) spread the copies of an expert evenly over its replicas"
            )
        }
        let workload = try WorkloadFactory.workload(plan, topK: choices)
        guard let source = workload as? any ExpectedLoads, try Self.choosesByPopularity(plan) else {
            let kind = plan.workload.kind
            throw RuntimeError.configuration(
                "hardware.routing: found expected, allowed: tokens, as the choices of router \(plan.routerName) over "
                    + "a workload of kind \(kind.rawValue) do not follow from the popularity of experts alone"
            )
        }
        self.source = source
    }

    /// Whether a token's choices follow from the popularity of experts alone, and none of its copies is ever dropped.
    private static func choosesByPopularity(_ plan: RunPlan) throws -> Bool {
        let router = try plan.makeRouter()
        if let replay = router as? ReplayRouter { return replay.capacity == nil }
        guard let rule = (router as? TopKRouter)?.rule else { return false }
        return rule.groups == nil && rule.capacity == nil && rule.deviceDrop == nil && rule.bias == nil
            && rule.noise == nil && rule.further == .all
    }

    var workload: WorkloadSummary { source.summary }

    var notes: [String] { source.notes }

    /// The number of warm-up steps, 0: expected loads are the same in every step.
    var warmup: Int { 0 }

    func rows(
        step: Int,
        layer: Int,
        _ placement: LayerPlacement,
        _ cluster: ModelledCluster
    ) throws(RuntimeError) -> PredictedLayer {
        let settings = plan.workload
        let limit = GroupChoice(groups: settings.groups, kept: settings.groupsKept)
        let expected = ExpectedRouting(
            tokens: Double(settings.tokens),
            choices: choices,
            shares: source.shares(step: step, layer: layer, choices: choices),
            limit: limit.limits ? limit : nil,
            tokensOfRanks: settings.tokensBySource.map { $0.map { Double($0) } },
            fit: source.fit(step: step, layer: layer)
        )
        if let known = known.layers[layer], known.routing == expected { return known.layer }
        let rows = RoutedRows(expected: expected, placement: placement, cluster: cluster)
        let record = LayerRecord(layer: layer, expected: expected, identityExperts: plan.model.identityExperts)
        let predicted = PredictedLayer(record: record, rows: rows)
        known.layers[layer] = (expected, predicted)
        return predicted
    }

    func finishStep() {}

    func finish() -> [String] { [] }
}
