/// The decisions of a running model's rebalancing: when to place anew, which layers, and from which map to which.
///
/// It is told the copies of each logical expert after every step, and says which layers are to move. A layer keeps its
/// map until the caller says that it has switched; where the new one was refused, the old map stays. Loads are counted
/// by logical expert, so that they mean the same on every map.
///
/// ```swift
/// var rebalancer = Rebalancer(rules, policy: .busiestRank, placement: placement)
/// rebalancer.observe(copies)
/// for change in rebalancer.next() { begin(change) }
/// rebalancer.switched(layer: 3)
/// ```
public struct Rebalancer: Sendable {
    /// The rules of the rebalancing.
    public let rules: RebalanceRules
    /// The map in force, layer by layer.
    public private(set) var placement: Placement
    /// Steps that were observed.
    public private(set) var steps = 0
    /// The rebalance under way, or nil.
    public private(set) var current: Rebalance?
    /// The rebalances that are over, in order.
    public private(set) var finished: [Rebalance] = []

    private let policy: PlacementPolicy
    private let nodes: Int
    private let groups: Int
    private let seed: UInt64
    private var history: [LoadHistory]
    private var due: [Int] = []
    private var moving: [Int: LayerChange] = [:]

    /// A rebalancer of the placement in force.
    ///
    /// - Parameters:
    ///   - rules: when and how to rebalance.
    ///   - policy: the policy that places anew.
    ///   - placement: the map in force.
    ///   - nodes: nodes that the ranks are spread over.
    ///   - groups: groups of experts that a token's choice is limited to.
    ///   - seed: the seed of what is drawn.
    public init(
        _ rules: RebalanceRules,
        policy: PlacementPolicy,
        placement: Placement,
        nodes: Int = 1,
        groups: Int = 1,
        seed: UInt64 = 0
    ) {
        self.rules = rules
        self.policy = policy
        self.placement = placement
        self.nodes = nodes
        self.groups = groups
        self.seed = seed
        history = placement.layers.map { _ in LoadHistory(rules) }
    }

    /// Take the loads of a step into account.
    ///
    /// - Parameter copies: kept copies of each placed expert, `[layers][experts]`.
    /// - Precondition: as many layers and experts as are placed.
    public mutating func observe(_ copies: [some Collection<Int>]) {
        precondition(copies.count == history.count, "loads of \(copies.count) layers, \(history.count) are placed")
        for (layer, ofExperts) in copies.enumerated() {
            precondition(ofExperts.count == placement.experts, "loads of \(ofExperts.count) experts")
            history[layer].add(ofExperts)
        }
        steps += 1
    }

    /// The layers whose experts are to move from now on, planned with what was observed so far.
    ///
    /// - Parameter prices: what steps and moves cost; without them nothing breaks even.
    public mutating func next(_ prices: MovePrices? = nil) -> [LayerChange] {
        if current == nil, let reason = reasonToBegin {
            current = Rebalance(number: finished.count, step: steps, reason: reason)
            due = Array(history.indices)
        }
        var changes: [LayerChange] = []
        var room = (rules.layers ?? .max) - moving.count
        while room > 0, !due.isEmpty {
            room -= 1
            let layer = due.removeFirst()
            switch plan(layer, prices) {
            case .move(let change):
                moving[layer] = change
                current?.changes.append(change)
                changes.append(change)
            case .keep: current?.keptLayers += 1
            case .refuse(let reason): current?.refusals.append("layer \(layer): \(reason)")
            }
        }
        endIfDone()
        return changes
    }

    /// Put the new map of a layer in force.
    ///
    /// - Precondition: the layer is moving.
    public mutating func switched(layer: Int) {
        guard let change = moving.removeValue(forKey: layer) else {
            preconditionFailure("layer \(layer) has no new map")
        }
        do {
            var layers = placement.layers
            layers[layer] = change.placement
            placement = try Placement(layers: layers)
        } catch {
            preconditionFailure("a new map for another cluster: \(error)")
        }
        current?.switched.append(Switch(layer: layer, step: steps))
        endIfDone()
    }

    /// Keep the old map of a layer, as the new one was refused.
    ///
    /// - Precondition: the layer is moving.
    public mutating func refused(layer: Int, _ reason: String) {
        precondition(moving.removeValue(forKey: layer) != nil, "layer \(layer) has no new map")
        current?.refusals.append("layer \(layer): \(reason)")
        endIfDone()
    }

    private mutating func endIfDone() {
        guard let current, due.isEmpty, moving.isEmpty else { return }
        finished.append(current)
        self.current = nil
    }

    /// Why a rebalance begins now, in words, or nil when none does.
    private var reasonToBegin: String? {
        let last = finished.last?.step ?? 0
        guard steps - last >= rules.interval else { return nil }
        switch rules.trigger {
        case .never: return nil
        case .interval: return "\(steps - last) steps since the \(finished.isEmpty ? "start" : "last")"
        case .threshold:
            let all = history.indices.compactMap { history[$0].imbalance(on: placement[$0]) }
            let mean = all.isEmpty ? 1 : all.reduce(0, +) / Double(all.count)
            guard mean > rules.threshold else { return nil }
            return "imbalance \(Self.text(mean)), above \(Self.text(rules.threshold))"
        case .breakEven: return "a look every \(rules.interval) steps at what pays within \(rules.horizon)"
        }
    }

    private enum Decision {
        case move(LayerChange)
        case keep
        case refuse(String)
    }

    private func plan(_ layer: Int, _ prices: MovePrices?) -> Decision {
        let (old, history) = (placement[layer], history[layer])
        guard let before = history.imbalance(on: old) else { return .keep }
        var search = SearchRules()
        search.penalty = rules.penalty
        let new: LayerPlacement
        do {
            let problem = try PlacementProblem(
                experts: old.experts,
                slots: old.slots.count,
                ranks: old.ranks,
                nodes: nodes,
                groups: groups,
                loads: history.steps,
                inForce: old,
                seed: seed,
                layer: layer
            )
            new = try policy.layerPlacement(problem, rules: search)
        } catch {
            return .refuse(error.description)
        }
        // Slots of a rank in another order are the same map.
        let isSame = (0..<old.ranks).allSatisfy {
            old.experts(onRank: $0).sorted() == new.experts(onRank: $0).sorted()
        }
        guard !isSame, let after = history.imbalance(on: new) else { return .keep }
        guard after < before, before - after >= rules.minGain else { return .keep }
        let moves = ExpertMoves(from: old, to: new, ranksPerNode: (old.ranks + nodes - 1) / nodes)
        var change = LayerChange(layer: layer, placement: new, moves: moves, before: before, after: after)
        if let prices {
            let received = Dictionary(grouping: moves.moves, by: \.receiver).values.map(\.count).max() ?? 0
            change.costSeconds = Double(received) * prices.secondsPerMove
            change.savedSeconds = (history.busiest(on: old) - history.busiest(on: new)) * prices.secondsPerCopy
        }
        if rules.trigger == .breakEven {
            guard let cost = change.costSeconds, let saved = change.savedSeconds,
                saved * Double(rules.horizon) > cost
            else { return .keep }
        }
        return .move(change)
    }

    /// A number with two decimals.
    private static func text(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        return "\(hundredths / 100).\(hundredths / 10 % 10)\(hundredths % 10)"
    }
}

/// The new map of a layer, and what it is expected to bring.
public struct LayerChange: Equatable, Sendable {
    /// The number of the layer, from 0.
    public let layer: Int
    /// The new map.
    public let placement: LayerPlacement
    /// The experts that are brought to ranks.
    public let moves: ExpertMoves
    /// The mean imbalance of the steps in the history on the old map.
    public let before: Double
    /// The same on the new map.
    public let after: Double
    /// Seconds that the rank which receives most is busy with it, where prices are known.
    public internal(set) var costSeconds: Double?
    /// Seconds of the busiest rank that a step saves, where prices are known.
    public internal(set) var savedSeconds: Double?

    init(layer: Int, placement: LayerPlacement, moves: ExpertMoves, before: Double, after: Double) {
        self.layer = layer
        self.placement = placement
        self.moves = moves
        self.before = before
        self.after = after
    }
}

/// A layer that has a new map, and since when.
public struct Switch: Equatable, Sendable {
    /// The number of the layer.
    public let layer: Int
    /// Steps that were observed when the new map came into force.
    public let step: Int
}

/// One rebalance: why it began, what it moved, and what was refused.
public struct Rebalance: Equatable, Sendable {
    /// Its number, from 0.
    public let number: Int
    /// Steps that were observed when it began.
    public let step: Int
    /// Why it began, in words.
    public let reason: String
    /// The new maps of layers, in the order in which they were planned.
    public internal(set) var changes: [LayerChange] = []
    /// The layers that switched, in that order.
    public internal(set) var switched: [Switch] = []
    /// Layers whose map was left as it is, since there was nothing to gain.
    public internal(set) var keptLayers = 0
    /// What was refused and why, a sentence each.
    public internal(set) var refusals: [String] = []

    init(number: Int, step: Int, reason: String) {
        self.number = number
        self.step = step
        self.reason = reason
    }

    /// Copies of experts that were brought to ranks in layers that switched.
    public var copies: Int {
        changes.filter { change in switched.contains { $0.layer == change.layer } }.reduce(0) { $0 + $1.moves.count }
    }
}
