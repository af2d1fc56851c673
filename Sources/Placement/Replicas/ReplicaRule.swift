import MoE
public import Tensors

/// The rule by which a copy takes one of the replicas of its expert.
///
/// t is the index of the token in the step, j the position of the choice, K the choices of a token, n the number of the
/// expert's slots, in ascending order.
public enum ReplicaRule: String, CaseIterable, Sendable {
    /// Slot t mod n.
    case tokenIndex = "token-index"
    /// Slot i mod n for the i-th copy of the expert, by token and choice: exact round robin.
    case occurrence
    /// Slot (t K + j) mod n, as vLLM had it until April 2026: biased where K and n share a factor.
    case flatIndex = "flat-index"
    /// Slot (t * 2654435769 mod 2^32) mod n, as vLLM has it.
    case hash
    /// Slot s mod n for a token of source rank s.
    case bySource = "by-source"
    /// The lowest slot on the token's own rank, else that of ``bySource``.
    case localFirst = "local-first"
    /// A slot drawn for each copy.
    case random
    /// The slot whose rank has the fewest copies so far, in the order of tokens and choices; equal ones by number.
    case leastLoaded = "least-loaded"
    /// Slots in the shares of the best split: the linear program of LPLB.
    case lp
}

/// What a replica rule may know beside routing and placement.
public struct ReplicaContext: Sendable {
    /// The step's index of the plan's first token.
    public var firstToken = 0
    /// The owners of the step's tokens, for the rules that look at them.
    public var sources: SourceRanks?
    /// The random numbers of the (step, layer), for ``ReplicaRule/random``.
    public var numbers: CounterRandom

    /// What is known of a part of a step that begins with token `firstToken`.
    ///
    /// - Parameters:
    ///   - seed: the seed of the run.
    ///   - step: the number of the step, warm-up included.
    ///   - layer: the number of the layer.
    public init(firstToken: Int = 0, sources: SourceRanks? = nil, seed: UInt64 = 0, step: Int = 0, layer: Int = 0) {
        self.firstToken = firstToken
        self.sources = sources
        numbers = CounterRandom(seed: seed, purpose: .replicaChoice, step, layer)
    }
}

/// The choice of slots for the copies of a plan, one copy after the other.
struct ReplicaChoice {
    private let rule: ReplicaRule
    private let placement: LayerPlacement
    private let context: ReplicaContext
    /// Choices of a token, K.
    private let choices: Int
    /// Copies of each expert so far, `[experts]`.
    private var seen: [Int]
    /// Copies of each rank so far, `[ranks]`.
    private var load: [Int]
    /// Copies that each slot is to get and has got, `[slots]`, for the best split.
    private var quota: [Int] = []
    private var given: [Int] = []
    private var copies: [Int] = []

    /// A choice for the copies of `plan`.
    init(_ rule: ReplicaRule, _ plan: DispatchPlan, _ placement: LayerPlacement, _ context: ReplicaContext) {
        self.rule = rule
        self.placement = placement
        self.context = context
        choices = (0..<plan.tokens).reduce(1) { max($0, plan.copies(ofToken: $1).count) }
        seen = [Int](repeating: 0, count: placement.experts)
        load = [Int](repeating: 0, count: placement.ranks)
        guard rule == .lp else { return }
        copies = seen
        for copy in 0..<plan.copies where plan.isKept(copy) && plan.expert[copy] < placement.experts {
            copies[Int(plan.expert[copy])] += 1
        }
        quota = BestSplit(copies, on: placement).copiesOfSlot
        given = [Int](repeating: 0, count: placement.slots.count)
    }

    /// Experts that have slots.
    var experts: Int { placement.experts }

    /// The slot of the copy of a token's choice number `choice`; copies come in the order of tokens and choices.
    mutating func slot(ofExpert expert: Int, token: Int, choice: Int) -> Int32 {
        let held = placement.slotNumbers(ofExpert: expert)
        let slot = held[held.startIndex + place(in: held, expert, context.firstToken + token, choice)]
        seen[expert] += 1
        load[Int(placement.rankOfSlot[Int(slot)])] += 1
        if !given.isEmpty { given[Int(slot)] += 1 }
        return slot
    }

    private func place(in held: ArraySlice<Int32>, _ expert: Int, _ token: Int, _ choice: Int) -> Int {
        switch rule {
        case .tokenIndex: return token % held.count
        case .occurrence: return seen[expert] % held.count
        case .flatIndex: return (token * choices + choice) % held.count
        case .hash: return Int(UInt32(truncatingIfNeeded: token) &* 2_654_435_769) % held.count
        case .bySource: return source(of: token) % held.count
        case .localFirst:
            let rank = Int32(source(of: token))
            let local = held.firstIndex { placement.rankOfSlot[Int($0)] == rank }
            return local.map { $0 - held.startIndex } ?? source(of: token) % held.count
        case .random: return Int(context.numbers.word(token * choices + choice) >> 16) % held.count
        case .leastLoaded:
            return least(held) { load[Int(placement.rankOfSlot[Int($0)])] }
        case .lp:
            return least(held) { slot in
                given[Int(slot)] * copies[expert] - quota[Int(slot)] * (seen[expert] + 1)
            }
        }
    }

    private func source(of token: Int) -> Int { context.sources?.rank(ofToken: token) ?? 0 }

    /// The place of the slot with the least value, equal ones by number.
    private func least(_ held: ArraySlice<Int32>, _ value: (Int32) -> Int) -> Int {
        var best = (value: Int.max, place: 0)
        for (place, slot) in held.enumerated() {
            let value = value(slot)
            if value < best.value { best = (value, place) }
        }
        return best.place
    }
}
