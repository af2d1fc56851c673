import Basics
import MoE

extension RunSchema {
    /// How many copies an expert takes, which ones, and what becomes of the others.
    static let capacity: [Option<RunConfiguration>] = [
        option(
            .drop,
            \.router.drop,
            .choice,
            "Which copies come first when an expert is full, the others being dropped; none drops nothing. A router that "
                + "drops nothing by itself then drops over 1.25 k S / E, at least 4."
        ),
        option(
            .capacityFactor,
            \.router.capacityFactor,
            .number(above: 0),
            "The capacity of an expert, as a multiple of capacity_of.",
            when: drops
        ),
        option(
            .capacityOf,
            \.router.capacityOf,
            .choice,
            "What the factor multiplies, for S competing tokens: k S / E, S / E, ceil(S / E), S or nothing.",
            when: drops
        ),
        option(
            .minCapacity,
            \.router.minCapacity,
            .integer(0...Int(Int32.max)),
            "Copies that an expert takes at least.",
            when: drops
        ),
        option(.capacityRounding, \.router.capacityRounding, .choice, "How a capacity becomes whole.", when: drops),
        option(
            .capacityMultiple,
            \.router.capacityMultiple,
            .integer(1...65536),
            "Raises the capacity to a multiple of this.",
            when: drops
        ),
        option(
            .capacityScope,
            \.router.capacityScope,
            .choice,
            "Which tokens compete: all of a step, groups of consecutive ones, or those of a sequence.",
            when: drops
        ),
        option(
            .capacityGroup,
            \.router.capacityGroup,
            .integer(1...16_777_216),
            "Tokens of a group; the last takes the rest.",
            when: drops.and(
                When("router.capacity_scope", "router.capacity_scope is groups") { $0.router.capacityScope == .groups }
            ),
            required: true
        ),
        option(
            .nextChoices,
            \.router.nextChoices,
            .integer(0...65535),
            "Next best experts that a copy without a place tries before it is dropped.",
            when: drops
        ),
    ]
}
