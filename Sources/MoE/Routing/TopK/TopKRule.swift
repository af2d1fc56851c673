import Foundation

/// What a token-choice router does, step by step; a family of models is one row of these values.
///
/// For each token: logits (with bias, noise and softcap), scores s, selection of the k largest of s (with selection
/// bias and group limit), weights w from s, policy for further choices, contest for places in the queues, weights again
/// where they are divided after the drop, times `scale`.
public struct TopKRule: Equatable, Sendable {
    /// Choices per token, k.
    public var topK: Int
    /// How logits become scores.
    public var score: ScoreFunction
    /// c in c tanh(l / c), applied to the logits first, or nil (Grok-2: 30).
    public var softcap: Double?
    /// Divides the logits, after the softcap (Chi et al. 2022, arXiv 2204.09179, where it is learned).
    public var temperature = 1.0
    /// Noise on the logits in training, or nil.
    public var noise: LogitNoise?
    /// Half the width of the noise on the gate's input in training, or nil (Switch: 0.01).
    public var inputJitter: Double?
    /// The bias of the selection, or nil.
    public var bias: SelectionBias?
    /// The limit to the best groups of experts, or nil.
    public var groups: GroupLimit?
    /// How the weights are divided, or nil when they stay scores.
    public var normalization: WeightNormalization?
    /// Multiplies every weight in the end.
    public var scale: Double
    /// What the weights multiply.
    public var weightTarget: WeightTarget
    /// Whether second and later choices are asked for.
    public var further: FurtherChoices
    /// True where a further choice that is not asked for keeps its place in the queue (GShard).
    public var skippedTakePlaces: Bool
    /// How many copies an expert takes, or nil to drop nothing.
    public var capacity: CapacityRule?
    /// Dropping by device, or nil.
    public var deviceDrop: DeviceDrop?
    /// Rows to which each expert's queue is padded, or nil (MegaBlocks: 128).
    public var blockRows: Int?
    /// The losses that are reported.
    public var losses: [LossTerm]

    /// A rule; all that is not given is off.
    public init(
        topK: Int,
        score: ScoreFunction = .softmax,
        softcap: Double? = nil,
        noise: LogitNoise? = nil,
        inputJitter: Double? = nil,
        bias: SelectionBias? = nil,
        groups: GroupLimit? = nil,
        normalization: WeightNormalization? = nil,
        scale: Double = 1,
        weightTarget: WeightTarget = .output,
        further: FurtherChoices = .all,
        skippedTakePlaces: Bool = false,
        capacity: CapacityRule? = nil,
        deviceDrop: DeviceDrop? = nil,
        blockRows: Int? = nil,
        losses: [LossTerm] = [LossTerm(.switchAuxiliary(.one))]
    ) {
        self.topK = topK
        self.score = score
        self.softcap = softcap
        self.noise = noise
        self.inputJitter = inputJitter
        self.bias = bias
        self.groups = groups
        self.normalization = normalization
        self.scale = scale
        self.weightTarget = weightTarget
        self.further = further
        self.skippedTakePlaces = skippedTakePlaces
        self.capacity = capacity
        self.deviceDrop = deviceDrop
        self.blockRows = blockRows
        self.losses = losses
    }

    /// Changes the logits of tokens before noise and scores.
    func shape(_ logits: inout [Double]) {
        if let softcap {
            for index in logits.indices { logits[index] = softcap * tanh(logits[index] / softcap) }
        }
        if temperature != 1 {
            for index in logits.indices { logits[index] /= temperature }
        }
    }

    /// Makes sure that the rule can be applied to so many experts.
    func check(experts: Int) throws(RoutingError) {
        try groups?.check(experts: experts, topK: topK)
        try deviceDrop?.check(experts: experts)
        if let blockRows, blockRows < 1 {
            throw RoutingError("blocks have \(blockRows) rows; at least 1 is needed")
        }
        for loss in losses { try loss.rule.check(experts: experts) }
    }
}
