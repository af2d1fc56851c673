/// The copies of the tokens of one layer in one step: expert, gate weight and place of each, and whether it was
/// dropped.
///
/// Copy c of token t stands at an index in `copyOffsets[t]..<copyOffsets[t + 1]`, in the router's order of choice
/// (largest score first for top-k rules). Combine sums the copies of a token in this order, which does not depend
/// on placement or arrival.
public struct DispatchPlan: Equatable, Sendable {
    /// The value in ``position`` that marks a dropped copy.
    public static let dropped: Int32 = -1

    /// Experts that the router ranks, identity experts among them, the last ones.
    public let experts: Int
    /// The index of each token's first copy in ``expert``, ``weight`` and ``position``, then the number of all copies,
    /// `[tokens + 1]`.
    public let copyOffsets: [Int]
    /// The expert of each copy, `[copies]`.
    public let expert: [Int32]
    /// The gate weight of each copy, after renormalisation and scaling, `[copies]`.
    public let weight: [Float]
    /// The place of each copy in the queue of its expert, or ``dropped``, `[copies]`.
    public let position: [Int32]
    /// The operand that gate weights multiply: the expert's input or its output.
    public let weightTarget: WeightTarget

    /// Create a plan from the expert, gate weight and place of every copy.
    ///
    /// - Precondition: the three arrays have `copyOffsets.last` elements, and every expert is in `0..<experts`.
    public init(
        experts: Int,
        copyOffsets: [Int],
        expert: [Int32],
        weight: [Float],
        position: [Int32],
        weightTarget: WeightTarget = .output
    ) {
        precondition(copyOffsets.first == 0 && copyOffsets.last == expert.count, "offsets must span all copies")
        precondition(weight.count == expert.count && position.count == expert.count, "one weight and position a copy")
        self.experts = experts
        self.copyOffsets = copyOffsets
        self.expert = expert
        self.weight = weight
        self.position = position
        self.weightTarget = weightTarget
    }

    /// Number of tokens, T.
    public var tokens: Int { copyOffsets.count - 1 }

    /// Copies that the router asked for, dropped ones included.
    public var copies: Int { expert.count }

    /// The indices of the copies of one token.
    @inlinable
    public func copies(ofToken token: Int) -> Range<Int> {
        copyOffsets[token]..<copyOffsets[token + 1]
    }

    /// The factor on the output of a copy in combine: its gate weight, or 1 where the weight went into the input.
    public func outputWeight(_ copy: Int) -> Float {
        weightTarget == .output ? weight[copy] : 1
    }

    /// The factor on the input of a copy in dispatch: 1, or its gate weight where the weight goes into the input.
    public func inputWeight(_ copy: Int) -> Float {
        weightTarget == .input ? weight[copy] : 1
    }

    /// True when this copy is sent to its expert.
    @inlinable
    public func isKept(_ copy: Int) -> Bool {
        position[copy] != Self.dropped
    }
}

extension DispatchPlan {
    /// The plan of this plan's tokens followed by those of `other`, whose copies stand behind this plan's in the queue
    /// of each expert.
    ///
    /// - Precondition: both plans are for the same experts and weigh the same side of them.
    public func joined(with other: DispatchPlan) -> DispatchPlan {
        precondition(experts == other.experts && weightTarget == other.weightTarget, "plans of different layers")
        var queued = [Int32](repeating: 0, count: experts)
        for copy in expert.indices where isKept(copy) {
            queued[Int(expert[copy])] = max(queued[Int(expert[copy])], position[copy] + 1)
        }
        return DispatchPlan(
            experts: experts,
            copyOffsets: copyOffsets + other.copyOffsets.dropFirst().map { $0 + copies },
            expert: expert + other.expert,
            weight: weight + other.weight,
            position: position
                + other.position.indices.map { copy in
                    other.isKept(copy) ? other.position[copy] + queued[Int(other.expert[copy])] : Self.dropped
                },
            weightTarget: weightTarget
        )
    }
}

/// The operand that a copy's gate weight multiplies: the expert's input or its output.
public enum WeightTarget: String, Codable, Sendable {
    /// The expert's output, in combine: y = sum of w E(x).
    case output
    /// The expert's input, in dispatch; combine then sums with weight 1: y = sum of E(w x) (Llama-4).
    case input
}

/// The copies of a plan as one row of equal width for each token, as files hold them; unused places hold expert
/// ``none``.
public struct ChoiceRows: Equatable, Sendable {
    /// The value in ``experts`` of a place without a copy; its weight is 0 and it is not kept.
    public static let none: Int32 = -1

    /// Places for copies in the row of a token.
    public let width: Int
    /// The expert of each place, or ``none``, `[tokens * width]`.
    public private(set) var experts: [Int32]
    /// The gate weight of each place, 0 without a copy, `[tokens * width]`.
    public private(set) var weights: [Float]
    /// 1 for a copy that is sent to its expert, else 0, `[tokens * width]`.
    public private(set) var kept: [UInt8]

    /// The copies of each token in the plan's order of choice.
    ///
    /// - Precondition: no token has more than `width` copies.
    public init(_ plan: DispatchPlan, width: Int) {
        self.width = width
        experts = [Int32](repeating: Self.none, count: plan.tokens * width)
        weights = [Float](repeating: 0, count: plan.tokens * width)
        kept = [UInt8](repeating: 0, count: plan.tokens * width)
        for token in 0..<plan.tokens {
            let copies = plan.copies(ofToken: token)
            precondition(copies.count <= width, "token \(token) has \(copies.count) copies; \(width) fit in a row")
            for (column, copy) in copies.enumerated() {
                experts[token * width + column] = plan.expert[copy]
                weights[token * width + column] = plan.weight[copy]
                kept[token * width + column] = plan.isKept(copy) ? 1 : 0
            }
        }
    }
}
