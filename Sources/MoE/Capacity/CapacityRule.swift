/// The rule that limits the copies of each expert: its capacity, the order in which copies get places in its queue, and
/// the fate of copies without a place.
public struct CapacityRule: Equatable, Sendable {
    /// The capacity of a queue before rounding: a multiple of copies or tokens, a share of the tokens, or a constant.
    public enum Size: Equatable, Sendable {
        /// A multiple of the S k / E copies that each of E experts gets at perfect balance of S tokens (DeepSpeed,
        /// Megatron-Core).
        case copies(Double)
        /// A multiple of the S / E tokens per expert, whatever k is, and at most S, all tokens (Switch, Mesh
        /// TensorFlow).
        case tokens(Double)
        /// A multiple of the tokens per expert, rounded up before: ceil(S / E) (NLLB in training, with factor 2).
        case roundedTokens(Double)
        /// A share of the S tokens, whatever the number of experts: fraction S (NLLB in evaluation, with fraction 1).
        case tokenFraction(Double)
        /// A fixed number of copies, whatever the number of tokens (transformers' `expert_capacity`).
        case slots(Int)
    }

    /// The direction in which a capacity is rounded to a whole number.
    public enum Rounding: String, Codable, CaseIterable, Equatable, Sendable {
        /// Round up to the next whole number; a capacity that is whole but for a binary rounding error stays as it is.
        case up
        /// Round down to the next whole number; a capacity that is whole but for a binary rounding error stays as it is
        /// (`int()` of Mesh TensorFlow).
        case down
        /// Round to the nearest whole number, halves to the even one (flaxformer).
        case nearest
    }

    /// The tokens that share one set of queues, and so compete for the places of an expert.
    public enum Scope: String, CaseIterable, Sendable {
        /// All tokens of the batch compete with each other.
        case batch
        /// The tokens of each group of ``CapacityRule/group`` consecutive ones compete; the last group holds the rest.
        case groups
        /// The tokens of each sequence of the batch compete (``RouterBatch/sequenceLengths``).
        case sequences
    }

    /// The fate of a copy whose queue is full.
    public enum Overflow: Equatable, Sendable {
        /// The copy is dropped.
        case drop
        /// The copy tries up to this many of the token's next best experts, in turn with all other copies without a
        /// place (no-token-left-behind of Switch, the re-assignment of the lecture form), and is dropped if all are
        /// full.
        case nextChoices(Int)
    }

    /// The capacity of a queue before rounding.
    public var size: Size
    /// The lower limit of an expert's capacity, in copies.
    public var minimum: Int
    /// The direction in which the capacity is rounded.
    public var rounding: Rounding
    /// The number to whose next multiple the capacity is raised (4 in lingvo).
    public var multiple: Int
    /// The order in which copies get places in the queue of their expert.
    public var order: ContestOrder
    /// The tokens that compete with each other for the places of an expert.
    public var scope: Scope
    /// Tokens of a group, where ``scope`` is ``CapacityRule/Scope/groups``.
    public var group: Int
    /// The fate of the copies whose queue is full.
    public var overflow: Overflow

    /// Create a capacity rule; by default all tokens of a batch compete by position, and copies without a place are
    /// dropped.
    ///
    /// - Precondition: a factor or fraction is finite and above 0, slots and `minimum` are not negative, `multiple`
    ///   and `group` are above 0.
    public init(
        size: Size,
        minimum: Int = 0,
        rounding: Rounding = .up,
        multiple: Int = 1,
        order: ContestOrder = .position,
        scope: Scope = .batch,
        group: Int = 1,
        overflow: Overflow = .drop
    ) {
        precondition(Self.isAllowed(size), "a capacity of \(size)")
        precondition(minimum >= 0, "a minimum capacity of \(minimum)")
        precondition(multiple > 0, "a capacity that is a multiple of \(multiple)")
        precondition(group > 0, "groups of \(group) tokens")
        self.size = size
        self.minimum = minimum
        self.rounding = rounding
        self.multiple = multiple
        self.order = order
        self.scope = scope
        self.group = group
        self.overflow = overflow
    }

    /// Create a rule whose capacity is `factor` times the copies that an expert gets at perfect balance, rounded up.
    ///
    /// - Precondition: `factor` is finite and above 0, and `minimum` is not negative.
    public init(factor: Double, minimum: Int = 0, order: ContestOrder = .position) {
        self.init(size: .copies(factor), minimum: minimum, order: order)
    }

    private static func isAllowed(_ size: Size) -> Bool {
        switch size {
        case .copies(let factor), .tokens(let factor), .roundedTokens(let factor), .tokenFraction(let factor):
            factor.isFinite && factor > 0
        case .slots(let slots): slots >= 0
        }
    }

    /// The copies that each expert takes of one group of tokens.
    ///
    /// - Parameters:
    ///   - tokens: tokens of the group, S.
    ///   - topK: choices per token, k.
    ///   - experts: routed experts, E.
    public func capacity(tokens: Int, topK: Int, experts: Int) -> Int {
        let perExpert = Double(tokens) / Double(experts)
        let room =
            switch size {
            case .copies(let factor): rounded(factor * Double(tokens) * Double(topK) / Double(experts))
            case .tokens(let factor): min(tokens, rounded(factor * Double(tokens) / Double(experts)))
            case .roundedTokens(let factor): rounded(factor * perExpert.rounded(.up))
            case .tokenFraction(let fraction): rounded(fraction * Double(tokens))
            case .slots(let slots): slots
            }
        return raisedToMultiple(max(minimum, room))
    }

    /// The capacity of an expert as it comes out, in words: ` (at most 80 an expert)`; empty where it depends on the
    /// sequences of the tokens.
    ///
    /// - Parameters:
    ///   - tokens: the tokens of a step.
    ///   - topK: choices per token, k.
    ///   - experts: routed experts, E.
    public func copiesInWords(tokens: Int, topK: Int, experts: Int) -> String {
        guard scope != .sequences else { return "" }
        let competing = scope == .groups ? min(group, tokens) : tokens
        return " (at most \(capacity(tokens: competing, topK: topK, experts: experts)) an expert)"
    }

    /// The most further experts that a copy without a place tries.
    var passes: Int { if case .nextChoices(let passes) = overflow { passes } else { 0 } }

    private func rounded(_ exact: Double) -> Int {
        let whole =
            switch rounding {
            case .up: (exact * (1 - 1e-12)).rounded(.up)
            case .down: (exact * (1 + 1e-12)).rounded(.down)
            case .nearest: exact.rounded(.toNearestOrEven)
            }
        return Int(exactly: whole) ?? .max
    }

    private func raisedToMultiple(_ room: Int) -> Int {
        let rest = room % multiple
        guard rest > 0 else { return room }
        let (raised, overflow) = room.addingReportingOverflow(multiple - rest)
        return overflow ? room : raised
    }
}

/// The order in which copies get the places of a full expert.
///
/// Where the keys of two copies are equal, the earlier token comes first, and within a token the earlier choice.
public enum ContestOrder: String, CaseIterable, Equatable, Sendable {
    /// The earliest token first to be kept, and within a token by order of choice (Megatron-Core `position`).
    case position
    /// All first choices by token, then all second choices by token, and so on (GShard and what came from it).
    case choice
    /// The largest weight first (Megatron-Core `probs`, `switch_max` of Mesh TensorFlow).
    case probability
    /// All first choices, then all second choices, and so on, each in descending order of the tokens' largest scores
    /// (V-MoE, ST-MoE, NLLB).
    case batchPrioritised = "batch-prioritised"
    /// The smallest uniform random key first (DeepSpeed's random token selection).
    case random
}

/// The unit in which a configuration gives a capacity: the cases of ``CapacityRule/Size`` without their numbers.
public enum CapacityUnit: String, Codable, CaseIterable, Sendable {
    /// Copies per expert at perfect balance: k S / E for S tokens of k choices each, and E experts.
    case copies
    /// Tokens per expert: S / E for S tokens and E experts.
    case tokens
    /// Tokens per expert, rounded up: ceil(S / E) for S tokens and E experts.
    case roundedTokens = "rounded-tokens"
    /// All competing tokens, S: the number is the fraction of them that an expert takes.
    case tokenFraction = "token-fraction"
    /// Single copies: the number itself is the capacity.
    case slots

    /// True for ``slots``, whose number must be whole.
    public var isWhole: Bool { self == .slots }
}

extension CapacityRule.Size {
    /// Create the size of `number` units, or nil when the number is not finite, not above 0, or not whole though the
    /// unit is single copies.
    public init?(_ number: Double, _ unit: CapacityUnit) {
        guard number.isFinite && number > 0 else { return nil }
        switch unit {
        case .copies: self = .copies(number)
        case .tokens: self = .tokens(number)
        case .tokenFraction: self = .tokenFraction(number)
        case .roundedTokens: self = .roundedTokens(number)
        case .slots:
            guard let whole = Int(exactly: number) else { return nil }
            self = .slots(whole)
        }
    }

    /// The unit of the size's number: copies or tokens per expert, all tokens, or single copies.
    public var unit: CapacityUnit {
        switch self {
        case .copies: .copies
        case .tokens: .tokens
        case .roundedTokens: .roundedTokens
        case .tokenFraction: .tokenFraction
        case .slots: .slots
        }
    }

    /// The number without its unit: a factor, a fraction or a constant capacity.
    public var number: Double {
        switch self {
        case .copies(let number), .tokens(let number), .roundedTokens(let number), .tokenFraction(let number): number
        case .slots(let number): Double(number)
        }
    }
}
