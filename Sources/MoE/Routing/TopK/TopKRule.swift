import Foundation

/// The rule of a token-choice router, step by step; a family of models is one row of these values.
///
/// For each token: logits (with bias, noise and softcap), scores s, selection of the k largest of s (with selection
/// bias and group limit), weights w from s, policy for further choices, contest for places in the queues, weights again
/// where they are divided after the drop, times `scale`.
public struct TopKRule: Equatable, Sendable {
    /// Choices per token, k.
    public var topK: Int
    /// The function from logits to scores.
    public var score: ScoreFunction
    /// The softcap of the logits, applied first: c in c tanh(l / c), or nil for none (Grok-2: 30).
    public var softcap: Double?
    /// The divisor of the logits, after the softcap (Chi et al. 2022, arXiv 2204.09179, where it is learned).
    public var temperature = 1.0
    /// Noise on the logits in training, or nil.
    public var noise: LogitNoise?
    /// Half the width of the noise on the gate's input in training, or nil (Switch: 0.01).
    public var inputJitter: Double?
    /// The bias of the selection, or nil.
    public var bias: SelectionBias?
    /// The limit to the best groups of experts, or nil.
    public var groups: GroupLimit?
    /// The division of the weights by their norm, or nil when they stay scores.
    public var normalization: WeightNormalization?
    /// The factor on every weight, which comes last.
    public var scale: Double
    /// The operand that gate weights multiply: the expert's input or its output.
    public var weightTarget: WeightTarget
    /// The rule by which second and later choices are asked for.
    public var further: FurtherChoices
    /// True where a further choice that is not asked for still takes up a place of its expert (GShard).
    public var skippedTakePlaces: Bool
    /// The rule of an expert's capacity, or nil to drop nothing.
    public var capacity: CapacityRule?
    /// The drop by device, or nil.
    public var deviceDrop: DeviceDrop?
    /// Rows of a block, to a whole number of which each expert's queue is padded, or nil (MegaBlocks: 128).
    public var blockRows: Int?
    /// The losses that the router reports, with their coefficients.
    public var losses: [LossTerm]

    /// Create a rule; without further arguments it is top-k by softmax that drops nothing and reports the loss of
    /// Switch.
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

    /// Change the logits of tokens before noise and scores: softcap, then temperature.
    func shape(_ logits: inout [Double]) {
        if let softcap {
            for index in logits.indices where logits[index] != -.infinity {
                logits[index] = softcap * tanh(logits[index] / softcap)
            }
        }
        if temperature != 1 {
            for index in logits.indices { logits[index] /= temperature }
        }
    }

    /// Check that the rule's groups, devices and blocks fit `experts` experts.
    func check(experts: Int) throws(RoutingError) {
        try groups?.check(experts: experts, topK: topK)
        try deviceDrop?.check(experts: experts)
        if let blockRows, blockRows < 1 {
            throw RoutingError("blocks have \(blockRows) rows; at least 1 is needed")
        }
        for loss in losses { try loss.rule.check(experts: experts) }
    }
}

extension TopKRule {
    /// The differences of this rule from another, for headers: one entry per aspect, for example `top-k 4 (from 8)`.
    public func changes(from other: TopKRule) -> [String] {
        RouterOptions.rows.compactMap(\.aspect).compactMap { aspect in
            let (new, old) = (aspect.words(self), aspect.words(other))
            return new == old ? nil : "\(aspect.name) \(new) (from \(old))"
        }
    }

    var noiseWords: String {
        switch noise {
        case .normal(let deviation): "of standard deviation \(Self.short(deviation))"
        case .gumbelForChoice: "Gumbel, for the choice"
        case nil: "none"
        }
    }

    /// The standard deviation of normal noise on the logits, 0 without noise; nil for noise of another kind.
    var normalNoise: Double? {
        switch noise {
        case .normal(let deviation): deviation
        case .gumbelForChoice: nil
        case nil: 0
        }
    }

    /// The coefficient of the rule's first loss of a kind; nil where it has none.
    func coefficient(_ isOfKind: (LossRule) -> Bool) -> Double? { losses.first { isOfKind($0.rule) }?.coefficient }

    var biasWords: String {
        guard let bias else { return "none" }
        return bias.form.rawValue + ", "
            + (bias.rate == 0 ? "fixed" : "by \(bias.update.rawValue), \(Self.short(bias.rate)) a step")
    }

    var normalizationWords: String {
        guard let normalization else { return "nothing" }
        let norm = normalization.power == 1 ? "their sum" : "their \(Self.short(normalization.power))-norm"
        let least = normalization.floor == 0 ? "" : ", at least \(Self.short(normalization.floor))"
        return "\(norm)\(least), \(normalization.moment == .beforeDrop ? "before" : "after") the drop"
    }

    /// The dropped copies in words: ``dropSummary``, and the rounding where it is not up.
    var capacityWords: String {
        guard let rounding = capacity?.rounding, rounding != .up else { return dropSummary }
        return "\(dropSummary), rounded \(rounding == .nearest ? "to the nearest" : rounding.rawValue)"
    }

    var furtherWords: String { further.policy.rawValue + (further.threshold.map { " " + Self.short($0) } ?? "") }

    var deviceDropWords: String {
        deviceDrop.map { "over \(Self.short($0.factor)) on \($0.devices) devices" } ?? "nothing"
    }
}

extension TopKRule {
    /// This rule with the options of a run: the changes of each option alone, then those of several together.
    public func applying(_ options: RouterOptions) -> TopKRule {
        var rule = self
        for row in RouterOptions.rows { row.change(&rule, options) }
        for row in RouterOptions.rows { row.settle(&rule, options) }
        if options.training == false { rule.stopTraining() }
        return rule
    }

    /// Number of devices by which the rule's losses or its drop count, else of its groups of experts; nil where the
    /// rule has none of these.
    public var devices: Int? {
        losses.lazy.compactMap(\.rule.devices).first ?? deviceDrop?.devices ?? groups?.groups
    }

    /// True where a loss or a drop counts by device.
    public var hasDevices: Bool { deviceDrop != nil || losses.contains { $0.rule.devices != nil } }

    static func settleCapacity(_ rule: inout TopKRule, _ options: RouterOptions) {
        rule.capacity = options.capacity(for: rule.capacity)
    }

    /// Set the rule's policy for further choices from the options. The threshold is 0.2 where neither options nor rule
    /// have one (Mesh TensorFlow).
    static func settleFurther(_ rule: inout TopKRule, _ options: RouterOptions) {
        let threshold = options.furtherThreshold ?? rule.further.threshold ?? 0.2
        rule.further = FurtherChoices(options.further ?? rule.further.policy, threshold: threshold)
    }

    /// Set the rule's group limit from the options; one group means no limit, however many groups the rule kept before.
    static func settleGroups(_ rule: inout TopKRule, _ options: RouterOptions) {
        var limit = rule.groups ?? GroupLimit(groups: 1, kept: 1, score: .sumOfLargest(2))
        limit.groups = options.groups ?? limit.groups
        limit.kept = options.groupsKept ?? limit.kept
        rule.groups = limit.groups == 1 && options.groupsKept ?? 1 == 1 ? nil : limit
        settleDevices(&rule, options)
    }

    /// Set the devices of the rule's losses and drop from the options; devices are groups of experts where no option
    /// says otherwise.
    static func settleDevices(_ rule: inout TopKRule, _ options: RouterOptions) {
        let devices = options.devices ?? options.groups ?? rule.devices ?? 1
        if let factor = options.deviceFactor { rule.deviceDrop = DeviceDrop(devices: devices, factor: factor) }
        rule.deviceDrop?.devices = devices
        let communication = LossRule.communication(devices: devices, limit: rule.groups?.kept ?? devices)
        rule.setLoss(.device(devices), options.deviceLoss) { if case .device = $0 { true } else { false } }
        rule.setLoss(communication, options.communicationLoss) { if case .communication = $0 { true } else { false } }
        for index in rule.losses.indices {
            switch rule.losses[index].rule {
            case .device: rule.losses[index].rule = .device(devices)
            case .communication: rule.losses[index].rule = communication
            default: break
            }
        }
    }

    mutating func changeBias<Value>(_ path: WritableKeyPath<SelectionBias, Value>, _ value: Value) {
        var bias = bias ?? SelectionBias()
        bias[keyPath: path] = value
        self.bias = bias
    }

    /// Set the coefficient of the rule's first loss of a kind, or add the loss where the rule has none of that kind.
    mutating func setLoss(_ rule: LossRule, _ coefficient: Double?, _ isOfKind: (LossRule) -> Bool) {
        guard let coefficient else { return }
        if let index = losses.firstIndex(where: { isOfKind($0.rule) }) {
            losses[index].coefficient = coefficient
        } else {
            losses.append(LossTerm(rule, coefficient))
        }
    }

    private mutating func stopTraining() {
        noise = nil
        inputJitter = nil
        deviceDrop = nil
        bias?.rate = 0
    }
}

extension LossRule {
    /// The number of devices that the loss counts by, or nil for a loss without devices.
    fileprivate var devices: Int? {
        switch self {
        case .device(let devices), .communication(let devices, _): devices
        case .switchAuxiliary, .firstChoice, .sequence, .routerZ, .importance: nil
        }
    }

    /// True for the losses that balance the experts, of which a family has one.
    var isBalanceOfExperts: Bool {
        switch self {
        case .switchAuxiliary, .firstChoice, .sequence: true
        case .routerZ, .importance, .device, .communication: false
        }
    }
}

extension TopKRule {
    /// The rule in a few words, for tables.
    public var summary: String {
        var parts: [String] = []
        switch score {
        case .softmax: parts.append("softmax over all experts")
        case .sigmoid: parts.append("sigmoid")
        case .softmaxOfChosen: parts.append("softmax over the chosen logits")
        case .logit: parts.append("raw logits")
        }
        if let softcap { parts.append("of \(Self.short(softcap)) tanh(l / \(Self.short(softcap)))") }
        if case .normal(let deviation) = noise { parts.append("with noise of \(Self.short(deviation))") }
        parts.append("top-\(topK)")
        if bias != nil { parts.append("selected with a bias") }
        if let groups { parts.append("within \(groups.kept) of \(groups.groups) groups") }
        switch normalization?.moment {
        case .beforeDrop: parts.append("divided by the sum")
        case .afterDrop: parts.append("divided by the sum of what is kept")
        case nil: if score != .softmaxOfChosen { parts.append("not renormalised") }
        }
        if let furtherSummary { parts.append(furtherSummary) }
        if scale != 1 { parts.append("times \(Self.short(scale))") }
        if weightTarget == .input { parts.append("on the expert's input") }
        return parts.joined(separator: ", ")
    }

    private var furtherSummary: String? {
        switch further {
        case .all: nil
        case .none: "first choices only"
        case .threshold(let threshold): "further choices above \(Self.short(threshold))"
        case .random(let threshold): "further choices with probability weight / \(Self.short(threshold))"
        case .randomByScore(let threshold): "further choices with probability score / \(Self.short(threshold))"
        case .sampling: "further choices drawn"
        }
    }

    /// The losses with their coefficients, for tables.
    public var lossSummary: String {
        guard !losses.isEmpty else { return "none" }
        return losses.map { "\($0.rule.name) \(Self.short($0.coefficient))" }.joined(separator: ", ")
    }

    /// The dropped copies in words, for tables.
    public var dropSummary: String {
        guard let capacity else { return "nothing" }
        var parts = ["over \(room(capacity.size))"]
        if capacity.minimum > 0 { parts.append("at least \(capacity.minimum)") }
        if capacity.multiple > 1 { parts.append("a multiple of \(capacity.multiple)") }
        switch capacity.scope {
        case .batch: break
        case .groups: parts.append("per group of \(capacity.group)")
        case .sequences: parts.append("per sequence")
        }
        parts.append("by \(capacity.order.rawValue)")
        if case .nextChoices(let passes) = capacity.overflow { parts.append("after \(passes) more choices") }
        return parts.joined(separator: ", ")
    }

    /// All copies that are dropped, in words: over the capacity of an expert, and over a device's share.
    ///
    /// - Parameters:
    ///   - tokens: the tokens of a step, S.
    ///   - experts: routed experts, E.
    public func dropSummary(tokens: Int, experts: Int) -> String {
        let device = deviceDrop.map { drop in
            "over \(Self.short(drop.factor)) x the even share of each of \(drop.devices) devices"
        }
        guard let capacity else { return device ?? "nothing" }
        return [dropSummary + capacity.copiesInWords(tokens: tokens, topK: topK, experts: experts), device ?? ""]
            .filter { !$0.isEmpty }.joined(separator: ", and ")
    }

    private func room(_ size: CapacityRule.Size) -> String {
        switch size {
        case .copies(let factor): "\(Self.short(factor)) k S / E"
        case .tokens(let factor): "\(Self.short(factor)) S / E"
        case .roundedTokens(let factor): "\(Self.short(factor)) ceil(S / E)"
        case .tokenFraction(let fraction): "\(Self.short(fraction)) S"
        case .slots(let slots): "\(slots) copies"
        }
    }

    /// A number in words: whole numbers without a point; `none` where there is no number.
    static func short(_ number: Double?) -> String {
        guard let number else { return "none" }
        return Int(exactly: number).map { String($0) } ?? "\(number)"
    }
}

/// Noise that is added to the logits of a token before anything else.
public enum LogitNoise: Equatable, Sendable {
    /// Normal noise with mean 0 and this standard deviation (the lecture form of KeepTopK).
    case normal(Double)
    /// Standard Gumbel noise, for the choice but not the weight: it draws an expert with the probability of its softmax
    /// (DeepSpeed `RSample`).
    case gumbelForChoice
}
