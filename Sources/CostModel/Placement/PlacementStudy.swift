public import MoE
public import Placement

/// Placements by several policies, side by side: their imbalance on past and later loads, their cost and their time.
public struct PlacementStudy: Sendable {
    /// Loads of the layers step by step, `[layers][steps][experts]`.
    public typealias Loads = [[[Double]]]

    /// What is placed, and by what.
    public struct Question: Sendable {
        /// Slots of a layer, P.
        public var slots: Int
        /// Nodes that hierarchical policies look at.
        public var nodes: Int
        /// Groups of experts that hierarchical policies keep on a node.
        public var groups: Int
        /// The loads that policies place by.
        public var past: Loads
        /// The same loads in steps as those of ``future``, on which placements are scored, too.
        public var scoredPast: Loads
        /// Tokens that chose both experts of a pair in the past, `[layers][experts * experts]`, or nil.
        public var coactivations: [[Double]]?
        /// The loads that placements are scored on.
        public var future: Loads
        /// Loads of another kind that placements are scored on, too, or nil.
        public var other: Loads?
        /// The placement in force, from which policies may start; nil for the contiguous one, from which none does.
        public var inForce: Placement?
        /// Tokens of all ranks in the step whose time is predicted.
        public var tokens: Double
        /// Different experts of a token, k.
        public var choices: Int
        /// The seed of placements that are drawn.
        public var seed: UInt64

        /// A question on slots, placed by `past` and scored on `future`.
        public init(slots: Int, past: Loads, future: Loads, tokens: Double, choices: Int) {
            self.slots = slots
            (nodes, groups, seed) = (1, 1, 0)
            self.past = past
            scoredPast = past
            self.future = future
            self.tokens = tokens
            self.choices = choices
        }
    }

    /// The placement of one policy, and what it comes to.
    public struct Row: Sendable {
        /// The policy, or nil for the placement in force.
        public let policy: PlacementPolicy?
        /// The placement of each layer.
        public let placement: Placement
        /// Mean imbalance over the (step, layer) pairs of the past that have any load.
        public let past: Double
        /// Imbalance over those of later loads; nil where there are none.
        public let future: Summary?
        /// Mean imbalance over those of the other loads, or nil without any.
        public let other: Double?
        /// What it costs to go to it from the placement in force.
        public let moves: MoveCost
        /// Seconds of the MoE layers of one step under later loads, by the modelled clock.
        public let seconds: Double
        /// Steps after which the time that a step saves has paid for the moves, or nil when it saves less than
        /// ``PlacementStudy/leastGain`` of it.
        public fileprivate(set) var breakEvenSteps: Double?
        /// Slots that share a rank with another of the same expert, over all layers.
        public let duplicates: Int
        /// Seconds that the policy took to place all layers.
        public fileprivate(set) var planningSeconds = 0.0
    }

    /// The placement in force, then one of each policy, in the order of the question.
    public private(set) var rows: [Row] = []
    /// The mean of the lowest imbalance that any placement with as many slots could have on the later loads.
    public private(set) var lowerBound = 1.0
    /// The mean imbalance of EPLB's placement of each later step on that very step.
    public private(set) var oracle = 1.0
    /// Bytes of the weights of one slot in all layers.
    public let bytesOfSlot: Double

    /// The least part of a step's time that counts as a gain: the model tells no smaller ones apart.
    public static let leastGain = 0.01
    /// Steps of later loads whose time is predicted, at most.
    private static let timedSteps = 4

    private let question: Question
    private let model: LayerModel
    /// The expected routing of each layer in each step whose time is predicted, `[steps][layers]`; nil without any load.
    private let timed: [[ExpectedRouting?]]

    /// Place by all policies and score the placements.
    ///
    /// - Parameters:
    ///   - now: a clock, in seconds, for the time that policies take.
    ///   - progress: called before each policy, with the number of those that are done.
    /// - Throws: ``PlacementError`` when a policy cannot place as asked.
    public init(
        _ question: Question,
        policies: [PlacementPolicy],
        on model: LayerModel,
        now: () -> Double = { 0 },
        progress: (Int) -> Void = { _ in }
    ) throws(PlacementError) {
        self.question = question
        self.model = model
        timed = try Self.timed(question)
        bytesOfSlot = model.compute.work.weightBytes * Double(question.past.count)
        let inForce = if let given = question.inForce { given } else { try placement(by: .contiguous) }
        rows = [row(nil, inForce, from: inForce)]
        for (index, policy) in policies.enumerated() {
            progress(index)
            let start = now()
            let placed = try placement(by: policy)
            let end = now()
            var row = row(policy, placed, from: inForce)
            row.planningSeconds = end - start
            let saved = rows[0].seconds - row.seconds
            row.breakEvenSteps = saved > Self.leastGain * rows[0].seconds ? row.moves.seconds / saved : nil
            rows.append(row)
        }
        let ranks = model.cluster.ranks
        lowerBound = Self.mean(question.future) { _, copies in
            Imbalance.lowerBound(copies, slots: question.slots, ranks: ranks)
        }
        var failed: PlacementError?
        oracle = Self.mean(question.future) { layer, copies in
            do throws(PlacementError) {
                let placed = try PlacementPolicy.eplbGlobal.layerPlacement(problem(layer, loads: [copies]))
                return Imbalance.evenly(copies, on: placed)
            } catch {
                failed = error
                return nil
            }
        }
        if let failed { throw failed }
    }

    /// The row with the shortest predicted step; of equal ones, that with the fewest moves, so that the placement in force
    /// stays where none is better.
    public var best: Row {
        rows.min { ($0.seconds, $0.moves.copies) < ($1.seconds, $1.moves.copies) } ?? rows[0]
    }

    private func problem(_ layer: Int, loads: [[Double]]) throws(PlacementError) -> PlacementProblem {
        try PlacementProblem(
            experts: model.model.experts,
            slots: question.slots,
            ranks: model.cluster.ranks,
            nodes: question.nodes,
            groups: question.groups,
            loads: loads,
            inForce: inForce(layer),
            coactivations: question.coactivations?[layer],
            seed: question.seed,
            layer: layer
        )
    }

    /// The placement in force of a layer, where it has as many slots, equally many on each rank.
    private func inForce(_ layer: Int) -> LayerPlacement? {
        guard let given = question.inForce?[layer], given.slots.count == question.slots else { return nil }
        let counts = Set((0..<given.ranks).map { given.slotNumbers(onRank: $0).count })
        return counts.count == 1 ? given : nil
    }

    private func placement(by policy: PlacementPolicy) throws(PlacementError) -> Placement {
        var layers: [LayerPlacement] = []
        for layer in question.past.indices {
            layers.append(try policy.layerPlacement(problem(layer, loads: question.past[layer])))
        }
        return try Placement(layers: layers)
    }

    private func row(_ policy: PlacementPolicy?, _ placement: Placement, from inForce: Placement) -> Row {
        func imbalances(_ loads: Loads) -> [Double] {
            loads.indices.flatMap { layer in
                loads[layer].compactMap { Imbalance.evenly($0, on: placement[layer]) }
            }
        }
        let future = imbalances(question.future)
        return Row(
            policy: policy,
            placement: placement,
            past: Self.mean(imbalances(question.scoredPast)),
            future: Summary(future),
            other: question.other.map { Self.mean(imbalances($0)) },
            moves: MoveCost(
                from: inForce,
                to: placement,
                on: model.cluster,
                bytesOfExpert: model.compute.work.weightBytes
            ),
            seconds: seconds(placement),
            duplicates: placement.layers.reduce(0) { sum, layer in
                sum
                    + (0..<layer.ranks).reduce(0) { sum, rank in
                        let experts = layer.experts(onRank: rank)
                        return sum + experts.count - Set(experts).count
                    }
            }
        )
    }

    /// Seconds of the MoE layers of one step under later loads, the mean over some of its steps.
    private func seconds(_ placement: Placement) -> Double {
        let all = timed.map { layers in
            layers.enumerated().reduce(0) { sum, entry in
                guard let routing = entry.element else { return sum }
                let rows = RoutedRows(expected: routing, placement: placement[entry.offset], cluster: model.cluster)
                return sum + model.schedule(rows).seconds
            }
        }
        return all.reduce(0, +) / Double(max(all.count, 1))
    }

    /// What tokens choose on average in some of the later steps, found once for all placements.
    private static func timed(_ question: Question) throws(PlacementError) -> [[ExpectedRouting?]] {
        let count = question.future.first?.count ?? 0
        let steps = stride(from: 0, to: count, by: max(1, count / timedSteps)).prefix(timedSteps)
        var timed: [[ExpectedRouting?]] = []
        for step in steps {
            var layers: [ExpectedRouting?] = []
            for layer in question.future.indices {
                layers.append(try routing(question.future[layer][step], layer, question))
            }
            timed.append(layers)
        }
        return timed
    }

    private static func routing(
        _ copies: [Double],
        _ layer: Int,
        _ question: Question
    ) throws(PlacementError) -> ExpectedRouting? {
        let total = copies.reduce(0, +)
        guard total > 0 else { return nil }
        let (shares, choices) = (copies.map { $0 / total }, question.choices)
        let most = 1 / Double(choices)
        if let expert = shares.indices.first(where: { shares[$0] > most * (1 + 1e-6) }) {
            throw PlacementError(
                "layer \(layer): expert \(expert) has \(shares[expert]) of the copies; with \(choices) different experts per "
                    + "token at most \(most) are possible"
            )
        }
        guard shares.count(where: { $0 > 0 }) >= choices else {
            throw PlacementError("layer \(layer): fewer experts have copies than the \(choices) that a token chooses")
        }
        let fit = ChoiceFit(ChoiceLaw(shares: shares, choices: choices, limit: nil))
        guard fit.isPossible else {
            throw PlacementError("layer \(layer): no tokens with \(choices) different experts each have these loads")
        }
        return ExpectedRouting(tokens: question.tokens, choices: choices, shares: shares, fit: fit)
    }

    private static func mean(_ values: [Double]) -> Double {
        values.isEmpty ? 1 : values.reduce(0, +) / Double(values.count)
    }

    private static func mean(_ loads: Loads, _ value: (_ layer: Int, _ copies: [Double]) -> Double?) -> Double {
        mean(loads.indices.flatMap { layer in loads[layer].compactMap { value(layer, $0) } })
    }
}
