import Tensors

/// A rule that says which slots hold which experts.
public enum PlacementPolicy: String, Codable, CaseIterable, Sendable {
    /// Experts in runs: the first rank holds the first experts, and so on. When the slots do not divide evenly, the
    /// first ranks hold one more. Redundant slots repeat the first experts.
    case contiguous
    /// Slot j of rank r holds expert (j D + r) mod E, with D ranks.
    case roundRobin = "round-robin"
    /// The contiguous order, shuffled with the seed, each layer by itself.
    case random
    /// DeepSeek's balancer: by groups and nodes where groups divide over nodes, else without regard to them.
    case eplb
    /// DeepSeek's balancer without regard to groups and nodes.
    case eplbGlobal = "eplb-global"
    /// DeepSeek's balancer, with groups of experts whole on a node.
    case eplbHierarchical = "eplb-hierarchical"
    /// DeepSeek's balancer, experts that stay on their rank keeping their slots, as vLLM has it.
    case eplbKeptSlots = "eplb-kept-slots"
    /// Replicas as in EPLB, dealt to ranks 0 to D - 1 and back.
    case snake
    /// The hottest experts on every rank, the rest as in EPLB.
    case hottestEverywhere = "hottest-everywhere"
    /// Experts that tokens choose together on one rank.
    case affinity
    /// Experts that tokens choose together on one rank, as long as it has at most 1.1 times the mean load.
    case affinityCapped = "affinity-capped"
    /// The search for the lowest busiest rank over windows of several lengths, from the placement in force.
    case busiestRank = "busiest-rank"

    /// What a policy must be told beside the numbers of experts, slots and ranks.
    public enum Need: Sendable {
        /// Nothing: the placement is the same for all loads.
        case nothing
        /// Copies of each expert.
        case loads
        /// The experts that each token chose.
        case routing
    }

    /// What the policy must be told.
    public var need: Need {
        switch self {
        case .contiguous, .roundRobin, .random: .nothing
        case .affinity, .affinityCapped: .routing
        default: .loads
        }
    }

    /// Whether groups and nodes change the placement.
    public var looksAtNodes: Bool { [.eplb, .eplbHierarchical, .busiestRank].contains(self) }

    /// Whether all layers are placed alike, whatever their loads.
    public var placesLayersAlike: Bool { self == .contiguous || self == .roundRobin }

    /// Place the experts of `layers` layers on `ranks` ranks, every layer alike, by a policy that needs no loads.
    ///
    /// - Throws: ``PlacementError`` when there is no layer, no rank, more ranks than experts, or the policy needs loads.
    public func placement(layers: Int, experts: Int, ranks: Int) throws(PlacementError) -> Placement {
        let layer = try layerPlacement(experts: experts, ranks: ranks)
        return try Placement(layers: [LayerPlacement](repeating: layer, count: max(layers, 0)))
    }

    /// Place the experts of one layer on `ranks` ranks, one slot each, by a policy that needs no loads.
    ///
    /// - Throws: ``PlacementError`` when there is no rank, more ranks than experts, or the policy needs loads.
    public func layerPlacement(experts: Int, ranks: Int) throws(PlacementError) -> LayerPlacement {
        try layerPlacement(PlacementProblem(experts: experts, ranks: ranks))
    }

    /// Place the experts of one layer.
    ///
    /// - Parameters:
    ///   - problem: the sizes, and what is known of loads.
    ///   - rules: what the search of ``busiestRank`` may do.
    ///   - cost: what that search makes least.
    /// - Throws: ``PlacementError`` when the policy needs loads or routing that are not there, or cannot place as asked.
    public func layerPlacement(
        _ problem: PlacementProblem,
        rules: SearchRules = SearchRules(),
        cost: some RankCost = CopyCost()
    ) throws(PlacementError) -> LayerPlacement {
        if need == .loads, problem.loads.isEmpty {
            throw PlacementError("placement by \(rawValue) needs loads, and there are none")
        }
        let (experts, slots, ranks) = (problem.experts, problem.slots, problem.ranks)
        let expertOfSlot: [Int]
        switch self {
        case .contiguous:
            let split = EvenSplit(count: slots, parts: ranks)
            return try LayerPlacement(
                experts: experts,
                expertsOfRank: (0..<ranks).map { split.range(ofPart: $0).map { $0 % experts } }
            )
        case .roundRobin:
            return try LayerPlacement(
                experts: experts,
                expertsOfRank: (0..<ranks).map { stride(from: $0, to: slots, by: ranks).map { $0 % experts } }
            )
        case .random: return try Self.random(problem)
        case .eplb:
            expertOfSlot =
                (problem.keepsGroupsOnNodes ? try EPLB(problem).hierarchical() : try EPLB(problem).global()).experts
        case .eplbGlobal: expertOfSlot = try EPLB(problem).global().experts
        case .eplbHierarchical: expertOfSlot = try EPLB(problem).hierarchical().experts
        case .eplbKeptSlots:
            let placed = try EPLB(problem).global().experts
            expertOfSlot = problem.inForce.map { KeptSlots.experts(placed, inForce: $0) } ?? placed
        case .snake: expertOfSlot = try Self.snake(problem)
        case .hottestEverywhere: expertOfSlot = try HottestEverywhere.experts(problem)
        case .affinity: expertOfSlot = try Affinity.experts(problem, cap: nil)
        case .affinityCapped: expertOfSlot = try Affinity.experts(problem, cap: 1.1)
        case .busiestRank: expertOfSlot = try BusiestRankSearch.experts(problem, rules, cost)
        }
        return try LayerPlacement(experts: experts, expertOfSlot: expertOfSlot, ranks: ranks)
    }

    private static func random(_ problem: PlacementProblem) throws(PlacementError) -> LayerPlacement {
        let numbers = CounterRandom(seed: problem.seed, purpose: .placement, problem.layer)
        var shuffled = (0..<problem.slots).map { $0 % problem.experts }
        for last in stride(from: shuffled.count - 1, to: 0, by: -1) {
            // Taking the high half of the product keeps the draw even to one part in 2^32.
            let drawn = UInt64(numbers.word(last)) * UInt64(last + 1) >> 32
            shuffled.swapAt(last, Int(drawn))
        }
        let split = EvenSplit(count: problem.slots, parts: problem.ranks)
        return try LayerPlacement(
            experts: problem.experts,
            expertsOfRank: (0..<problem.ranks).map { Array(shuffled[split.range(ofPart: $0)]) }
        )
    }

    private static func snake(_ problem: PlacementProblem) throws(PlacementError) -> [Int] {
        let slotsPerRank = try problem.slotsPerRank("snake")
        let loads = problem.totals.map { Float($0) }
        let replication = Replication(loads, slots: problem.slots)
        let weights = replication.expertOfSlot.map { loads[$0] / Float(replication.counts[$0]) }
        var experts = [Int](repeating: 0, count: problem.slots)
        for (item, place) in Packing.snake(weights, packs: problem.ranks).enumerated() {
            experts[place.pack * slotsPerRank + place.position] = replication.expertOfSlot[item]
        }
        return experts
    }
}

/// What the search of ``PlacementPolicy/busiestRank`` may do, and what it weighs.
public struct SearchRules: Equatable, Sendable {
    /// The cost of bringing an expert to a rank that does not hold it, in parts of the mean rank's load.
    public var penalty = 0.0
    /// Whether replicas of an expert may share a rank.
    public var allowsDuplicates = false

    /// Rules without a penalty, which keep replicas on different ranks.
    public init() {}
}

/// What the copies of a rank's slots cost, as a sum over slots: by default the copies themselves.
///
/// A cost model gives seconds: reading the weights of a slot costs time even where few copies wait for it.
public protocol RankCost: Sendable {
    /// The cost of one slot that computes `copies` copies; 0 for none.
    func cost(ofSlotWith copies: Double) -> Double
}

/// The cost of a slot in copies.
public struct CopyCost: RankCost {
    /// A cost of 1 for every copy.
    public init() {}

    /// The copies themselves.
    public func cost(ofSlotWith copies: Double) -> Double { copies }
}
