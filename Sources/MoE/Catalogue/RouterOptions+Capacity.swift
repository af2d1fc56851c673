import Basics

/// The policy for copies beyond an expert's capacity: drop none, or give places in some order and drop the rest.
public enum DropPolicy: CaseIterable, Equatable, RawRepresentable, Sendable {
    /// Queues without an end: nothing is dropped.
    case none
    /// Queues that end at the capacity: copies get places in this order, and those without a place are dropped.
    case by(ContestOrder)

    /// All policies: `none`, then one per order.
    public static let allCases = [DropPolicy.none] + ContestOrder.allCases.map(DropPolicy.by)

    /// The policy called `rawValue`, or nil when there is none.
    public init?(rawValue: String) {
        guard let policy = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
        self = policy
    }

    /// The policy's name in a configuration: `none`, or the name of its order.
    public var rawValue: String { order?.rawValue ?? "none" }

    /// The order in which copies get places, or nil for ``none``.
    var order: ContestOrder? { if case .by(let order) = self { order } else { nil } }
}

extension CapacityRule {
    /// The capacity that a run gives a router which by itself drops nothing: 1.25 k S / E copies, at least 4.
    public static let standard = CapacityRule(factor: 1.25, minimum: 4)
}

extension RouterOptions {
    /// The capacity rule of a family as the options of the run change it, or nil when nothing is dropped.
    ///
    /// A policy that drops, or a factor, makes a family that drops nothing drop by ``CapacityRule/standard``; the other
    /// options are read where there is a rule.
    func capacity(for family: CapacityRule?) -> CapacityRule? {
        let turnsOn = capacityFactor != nil || drop != nil
        guard drop != DropPolicy.none, var rule = family ?? (turnsOn ? .standard : nil) else { return nil }
        rule.size = size(for: rule) ?? rule.size
        rule.minimum = minCapacity ?? rule.minimum
        rule.rounding = capacityRounding ?? rule.rounding
        rule.multiple = capacityMultiple ?? rule.multiple
        rule.scope = capacityScope ?? rule.scope
        rule.group = capacityGroup ?? rule.group
        rule.order = drop?.order ?? rule.order
        if let nextChoices { rule.overflow = nextChoices == 0 ? .drop : .nextChoices(nextChoices) }
        return rule
    }

    /// A rule whose queues are those of a router that has code of its own and drops nothing by itself.
    public var queues: TopKRule { TopKRule(topK: 1, capacity: capacity(for: nil)) }

    /// Check that the capacity's number is above 0, and whole where it counts single copies.
    func checkCapacity(of family: CapacityRule?) throws(RoutingError) {
        let rule = family ?? .standard
        guard drop != DropPolicy.none, size(for: rule) == nil else { return }
        let number = capacityFactor ?? rule.size.number
        let unit = capacityOf ?? rule.size.unit
        let allowed = unit.isWhole ? "a whole number above 0" : "a number above 0"
        throw RoutingError("the capacity factor is \(number) of \(unit.rawValue); allowed is \(allowed)")
    }

    private func size(for rule: CapacityRule) -> CapacityRule.Size? {
        CapacityRule.Size(capacityFactor ?? rule.size.number, capacityOf ?? rule.size.unit)
    }
}

extension RouterOptions {
    /// The options of the capacity: how many copies an expert takes, in which order, and the fate of the others.
    static let capacity: [RouterOption] = [
        RouterOption(
            "drop",
            \.drop,
            .choice,
            "Which copies come first when an expert is full, the others being dropped; none drops nothing. A router that "
                + "drops nothing by itself then drops over 1.25 k S / E, at least 4.",
            readBy: .queues,
            shown: .init("drops", \.capacityWords),
            used: { $0.capacity.map { .by($0.order) } ?? DropPolicy.none },
            settle: TopKRule.settleCapacity
        ),
        RouterOption(
            "capacity_factor",
            \.capacityFactor,
            .number(above: 0),
            "The capacity of an expert, as a multiple of capacity_of.",
            readBy: .queues,
            when: .drops,
            used: { $0.capacity?.size.number },
            settle: TopKRule.settleCapacity
        ),
        RouterOption(
            "capacity_of",
            \.capacityOf,
            .choice,
            "What the factor multiplies, for S competing tokens: k S / E, S / E, ceil(S / E), S or nothing.",
            readBy: .queues,
            when: .drops,
            used: { $0.capacity?.size.unit },
            settle: TopKRule.settleCapacity
        ),
        RouterOption(
            "min_capacity",
            \.minCapacity,
            .integer(0...Int(Int32.max)),
            "Copies that an expert takes at least.",
            readBy: .queues,
            when: .drops,
            used: { $0.capacity?.minimum },
            settle: TopKRule.settleCapacity
        ),
        RouterOption(
            "capacity_rounding",
            \.capacityRounding,
            .choice,
            "The rounding of a capacity to whole copies.",
            readBy: .queues,
            when: .drops,
            used: { $0.capacity?.rounding },
            settle: TopKRule.settleCapacity
        ),
        RouterOption(
            "capacity_multiple",
            \.capacityMultiple,
            .integer(1...65536),
            "Raises the capacity to a multiple of this.",
            readBy: .queues,
            when: .drops,
            used: { $0.capacity?.multiple },
            settle: TopKRule.settleCapacity
        ),
        RouterOption(
            "capacity_scope",
            \.capacityScope,
            .choice,
            "Which tokens compete: all of a step, groups of consecutive ones, or those of a sequence.",
            readBy: .queues,
            when: .drops,
            used: { $0.capacity?.scope },
            settle: TopKRule.settleCapacity
        ),
        RouterOption(
            "capacity_group",
            \.capacityGroup,
            .integer(1...16_777_216),
            "Tokens of a group; the last takes the rest.",
            readBy: .queues,
            when: .hasContestGroups,
            required: true,
            settle: TopKRule.settleCapacity
        ),
        RouterOption(
            "next_choices",
            \.nextChoices,
            .integer(0...65535),
            "Next best experts that a copy without a place tries before it is dropped.",
            when: .drops,
            used: { $0.capacity?.passes },
            settle: TopKRule.settleCapacity
        ),
    ]
}
