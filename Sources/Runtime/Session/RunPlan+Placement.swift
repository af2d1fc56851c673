import Cluster
import MoE
internal import Placement
import Workloads

/// The placement of a run, and what a reader of its figures should know of it.
struct PlacedExperts {
    let placement: Placement
    let notes: [String]
}

extension RunPlan {
    /// Tokens of the steps of recorded routing by which a policy places.
    public static let statisticsTokens = 64

    /// The note of a run whose experts begin where no loads are known.
    static let plainStart =
        "experts began in contiguous slots, since cluster.rebalance moves them as loads come and cluster.statistics names "
        + "none"

    /// The given placement, checked against the run, or else that of the configuration's file or policy.
    ///
    /// - Parameters:
    ///   - given: the placement to take in any case, or nil.
    ///   - nodes: nodes that the ranks are spread over.
    ///   - moves: whether experts move as loads come.
    /// - Throws: ``RuntimeError`` when the experts cannot be placed, or were placed for another model or cluster.
    func placement(orGiven given: Placement?, nodes: Int, moves: Bool = false) throws(RuntimeError) -> PlacedExperts {
        let (layers, experts, ranks) = (modelShape.layers, modelShape.experts, cluster.workers)
        if let given = given ?? placement {
            guard given.layers.count == layers, given.experts == experts, given.ranks == ranks else {
                throw .configuration(
                    "placement: found \(given.layers.count) layers of \(given.experts) experts on \(given.ranks) ranks, "
                        + "allowed: \(layers) layers of \(experts) experts on \(ranks) ranks, as the run has"
                )
            }
            return PlacedExperts(placement: given, notes: [])
        }
        guard let policy = cluster.placement.policy else {
            throw .configuration("cluster.placement: found a file that was not read, allowed: a placement that was")
        }
        // Where experts move as loads come, those of the workload need not be known before.
        let startsPlain = moves && cluster.statistics == nil && policy.need == .loads
        if moves, !(cluster.slots ?? experts).isMultiple(of: ranks) {
            throw .configuration(
                "cluster.slots: found \(cluster.slots ?? experts), allowed: a multiple of cluster.workers, which is \(ranks), "
                    + "as cluster.rebalance moves experts between ranks with equally many slots"
            )
        }
        let known = startsPlain ? (loads: nil, notes: [Self.plainStart]) : try statistics(for: policy)
        do {
            var placed: [LayerPlacement] = []
            // Layers that are placed alike share their storage.
            for layer in 0..<(policy.placesLayersAlike ? min(1, layers) : layers) {
                let problem = try PlacementProblem(
                    experts: experts,
                    slots: cluster.slots,
                    ranks: ranks,
                    nodes: nodes,
                    groups: routerGroups,
                    loads: known.loads?.layers[layer] ?? [],
                    coactivations: known.loads?.coactivations?[layer],
                    seed: run.seed,
                    layer: layer
                )
                placed.append(try (startsPlain ? .contiguous : policy).layerPlacement(problem))
            }
            if policy.placesLayersAlike { placed = placed.flatMap { [LayerPlacement](repeating: $0, count: layers) } }
            return PlacedExperts(placement: try Placement(layers: placed), notes: known.notes)
        } catch {
            throw .configuration("cluster.placement: \(error)")
        }
    }

    /// Groups that the experts of a choice are limited to, 1 for none.
    var routerGroups: Int {
        if workload.kind == .loads { return workload.groups }
        return ((try? makeRouter()) as? TopKRouter)?.rule.groups?.groups ?? 1
    }

    /// The recorded loads that a policy places by, if it needs any.
    private func statistics(
        for policy: PlacementPolicy
    ) throws(RuntimeError) -> (loads: RecordedLoads?, notes: [String]) {
        guard policy.need != .nothing else { return (nil, []) }
        let isOwn = cluster.statistics == nil
        guard let path = cluster.statistics ?? (workload.kind.holdsChoices ? workload.path : nil) else {
            throw .configuration(
                "cluster.statistics: found nothing, allowed: a file of loads or recorded routing, since placement by "
                    + "\(policy.rawValue) needs them and a workload of kind \(workload.kind.rawValue) has none"
            )
        }
        do {
            let loads = try RecordedLoads(
                path: path,
                model: modelShape,
                layers: isOwn ? workload.layers : nil,
                axes: isOwn ? workload.axes : nil,
                sharedColumns: isOwn ? workload.sharedColumns ?? [] : [],
                stepTokens: Self.statisticsTokens
            )
            let note =
                "the placement (\(policy.rawValue)) was made from the very routing that it is scored on: later tokens are "
                + "less even; cluster.statistics names another file"
            return (loads, loads.notes + (isOwn ? [note] : []))
        } catch {
            throw .configuration("cluster.statistics: \(error)")
        }
    }
}
