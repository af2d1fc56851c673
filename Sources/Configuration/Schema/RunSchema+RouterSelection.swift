import Basics
import MoE

extension RunSchema {
    /// Which experts a token may choose, and what moves the choice from step to step.
    static let selection: [Option<RunConfiguration>] = [
        option(
            .further,
            \.router.further,
            .choice,
            "Which second and later choices are asked for: those of a weight above the threshold, drawn by weight or "
                + "score / threshold, or all, drawn by their softmax (sampling) or not."
        ),
        option(
            .furtherThreshold,
            \.router.furtherThreshold,
            .number(above: 0),
            "That threshold; 0.2 where router.kind has none.",
            when: hasThreshold
        ),
        option(.groups, \.router.groups, .integer(1...65535), "Groups of neighbouring experts; must divide them."),
        option(
            .groupsKept,
            \.router.groupsKept,
            .integer(1...65535),
            "Groups that a token may use; they must hold k experts."
        ),
        option(
            .devices,
            \.router.devices,
            .integer(1...65535),
            "Devices of the device losses and of device_factor; router.groups when left out.",
            when: hasDevices
        ),
        option(
            .deviceFactor,
            \.router.deviceFactor,
            .number(above: 0),
            "Drops copies over this multiple of a device's even share (DeepSeek-V2 in training: 1).",
            when: trains
        ),
        option(
            .biasRate,
            \.router.biasRate,
            .number(from: 0),
            "How far the selection bias moves in a step (DeepSeek-V3: 0.001).",
            when: trains
        ),
        option(
            .biasUpdate,
            \.router.biasUpdate,
            .choice,
            "Whether it follows the sign of the error of the load, or the error.",
            when: trains.and(biasLearns)
        ),
        option(
            .biasForm,
            \.router.biasForm,
            .choice,
            "Whether it is added to the scores or multiplies them.",
            when: hasBias
        ),
        option(
            .hierarchyGroups,
            \.router.hierarchyGroups,
            .integer(1...65535),
            "Groups of the first level; must divide the experts."
        ),
        option(.hashes, \.router.hashes, .integer(1...65535), "Hash functions per token; must divide the experts."),
        option(
            .blockRows,
            \.router.blockRows,
            .integer(1...65536),
            "Pads each expert's queue to blocks of so many rows (MegaBlocks: 128)."
        ),
    ]
}
