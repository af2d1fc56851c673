import Basics
import MoE

extension RunSchema {
    /// Coefficients.
    static let losses: [Option<RunConfiguration>] = [
        option(.auxLoss, \.router.auxLoss, .number(from: 0), "Coefficient of the balance loss."),
        option(.zLoss, \.router.zLoss, .number(from: 0), "Coefficient of the router z-loss."),
        option(.deviceLoss, \.router.deviceLoss, .number(from: 0), "Coefficient of the device balance loss."),
        option(
            .communicationLoss,
            \.router.communicationLoss,
            .number(from: 0),
            "Coefficient of the communication balance loss."
        ),
        option(.importanceLoss, \.router.importanceLoss, .number(from: 0), "Coefficient of the importance loss."),
        option(.loadLoss, \.router.loadLoss, .number(from: 0), "Coefficient of the load loss."),
    ]

    /// Randomness.
    static let noise: [Option<RunConfiguration>] = [
        option(
            .noiseEpsilon,
            \.router.noiseEpsilon,
            .number(from: 0),
            "Added to the softplus that scales the noise.",
            when: trains
        ),
        option(
            .noiseStd,
            \.router.noiseStd,
            .number(from: 0),
            "Standard deviation of fixed noise on the logits.",
            when: trains
        ),
        option(
            .jitter,
            \.router.jitter,
            .number(from: 0, below: 1),
            "Half the width of the noise on the gate's input in training (Switch: 0.01); for phimoe, the relative distance "
                + "within which experts are rivals.",
            when: jitters
        ),
    ]
}
