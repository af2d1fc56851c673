/// The losses that token-choice routers are trained with.
public enum LossRule: Equatable, Sendable {
    /// ``SwitchAuxiliaryLoss`` over all k choices, per group of competing tokens, averaged over the groups.
    case switchAuxiliary(SwitchAuxiliaryLoss.Unit)
    /// ``FirstChoiceLoss``, per group of competing tokens, averaged over the groups.
    case firstChoice
    /// ``RouterZLoss`` of the logits of all tokens.
    case routerZ
    /// ``SquaredVariation`` of the sum of weights per expert.
    case importance
    /// ``DeviceBalanceLoss`` over so many devices.
    case device(Int)
    /// ``CommunicationBalanceLoss`` over `devices` devices, of which a token may use `limit`.
    case communication(devices: Int, limit: Int)
    /// ``SequenceBalanceLoss``, averaged over the sequences.
    case sequence

    /// The name of the loss in reports.
    var name: String {
        switch self {
        case .switchAuxiliary: "switch auxiliary"
        case .firstChoice: "first-choice auxiliary"
        case .routerZ: "router z"
        case .importance: "importance"
        case .device: "device balance"
        case .communication: "communication balance"
        case .sequence: "sequence balance"
        }
    }

    /// The value of the loss at perfect balance, or nil where the loss has no fixed one.
    func valueAtBalance(topK: Int) -> Double? {
        switch self {
        case .switchAuxiliary(.topK): Double(topK)
        case .switchAuxiliary(.one), .firstChoice, .device, .sequence: 1
        case .importance: 0
        case .routerZ, .communication: nil
        }
    }

    /// Check that the loss can be computed for `experts` experts: its devices must divide them.
    func check(experts: Int) throws(RoutingError) {
        switch self {
        case .device(let devices), .communication(let devices, _):
            guard devices >= 1 && experts % devices == 0 else {
                throw RoutingError("\(experts) experts do not divide into \(devices) devices of equal size")
            }
        default: break
        }
    }

    /// The tokens over which a loss takes mean probabilities.
    enum Probabilities {
        case none, byGroup, ofAll, bySequence
    }

    /// The tokens over which this loss takes mean probabilities.
    var probabilities: Probabilities {
        switch self {
        case .switchAuxiliary, .firstChoice: .byGroup
        case .device, .communication: .ofAll
        case .sequence: .bySequence
        case .routerZ, .importance: .none
        }
    }

    /// Compute this loss for one layer, without its coefficient.
    func value(_ input: LossInput) -> Double {
        let (sums, topK, tokens) = (input.sums, input.choices.topK, input.choices.tokens)
        switch self {
        case .switchAuxiliary(let unit):
            return mean(sums.groups) { group, probability in
                SwitchAuxiliaryLoss.value(
                    choices: input.counts(sums.groups.ranges[group]),
                    meanProbability: probability,
                    tokens: sums.groups.ranges[group].count,
                    topK: topK,
                    unit: unit
                )
            }
        case .firstChoice:
            return mean(sums.groups) { group, probability in
                FirstChoiceLoss.value(
                    firstChoices: input.counts(sums.groups.ranges[group], first: true),
                    meanProbability: probability,
                    tokens: sums.groups.ranges[group].count
                )
            }
        case .routerZ:
            return tokens > 0 ? sums.squaredLogSums / Double(tokens) : 0
        case .importance:
            return SquaredVariation.value(of: input.choices.importance(scale: 1))
        case .device(let devices):
            return DeviceBalanceLoss.value(
                choices: input.counts(0..<tokens),
                meanProbability: sums.all.mean(0),
                tokens: tokens,
                topK: topK,
                devices: devices
            )
        case .communication(let devices, let limit):
            return CommunicationBalanceLoss.value(
                visits: input.visits(devices: devices),
                meanProbability: sums.all.mean(0),
                tokens: tokens,
                limit: limit
            )
        case .sequence:
            return mean(sums.sequences) { sequence, probability in
                SequenceBalanceLoss.value(
                    choices: sums.unbiasedCounts(sequence),
                    meanProbability: probability,
                    tokens: sums.sequences.ranges[sequence].count,
                    topK: topK
                )
            }
        }
    }

    /// The mean over ranges of tokens of `value`, which is given the number of a range and the range's mean
    /// probabilities.
    private func mean(_ sums: ProbabilitySums, _ value: (Int, [Double]) -> Double) -> Double {
        sums.ranges.indices.reduce(0) { $0 + value($1, sums.mean($1)) } / Double(max(sums.ranges.count, 1))
    }
}

/// The sequence-wise balance loss of DeepSeek-V3 (arXiv 2412.19437, section 2.1.2), of one sequence.
///
/// f_e = E / (k T) times the tokens that have expert e among the k largest scores without bias; P_e is the mean of the
/// scores divided by their sum. The loss is the sum of f_e P_e: 1 at perfect balance. DeepSeek-V3 weighs it with 1e-4.
/// DeepSeekMoE-16B's and V2's `seq_aux` is the same with softmax probabilities.
public enum SequenceBalanceLoss {
    /// The sequence balance loss of one sequence, without a coefficient; 0 without tokens.
    ///
    /// - Parameters:
    ///   - choices: how often each expert is among the k largest, `[experts]`.
    ///   - meanProbability: P, `[experts]`.
    ///   - tokens: tokens of the sequence, T.
    ///   - topK: choices per token, k.
    public static func value(choices: [Int], meanProbability: [Double], tokens: Int, topK: Int) -> Double {
        SwitchAuxiliaryLoss.value(
            choices: choices,
            meanProbability: meanProbability,
            tokens: tokens,
            topK: topK,
            unit: .one
        )
    }
}

/// The communication balance loss of DeepSeek-V2 (arXiv 2405.04434, section 2.1.3).
///
/// f''_d = D / (M T) times the tokens that are sent to device d at all, P''_d the sum of the mean probabilities of its
/// experts; the loss is the sum over devices of f''_d P''_d. It is 1 when every token uses M devices and all are used
/// alike, less when tokens use fewer. DeepSeek-V2 weighs it with 0.02.
public enum CommunicationBalanceLoss {
    /// The communication balance loss, without a coefficient; 0 without tokens.
    ///
    /// - Parameters:
    ///   - visits: tokens that chose an expert of each device, `[devices]`.
    ///   - meanProbability: `[experts]`, neighbours on one device.
    ///   - tokens: tokens, T.
    ///   - limit: devices that a token may use, M.
    public static func value(visits: [Int], meanProbability: [Double], tokens: Int, limit: Int) -> Double {
        guard tokens > 0 else { return 0 }
        let devices = visits.count
        let size = meanProbability.count / devices
        let perVisit = Double(devices) / (Double(limit) * Double(tokens))
        return visits.indices.reduce(0) { sum, device in
            let probability = meanProbability[device * size..<(device + 1) * size].reduce(0, +)
            return sum + Double(visits[device]) * perVisit * probability
        }
    }
}

/// The balance loss of GShard (arXiv 2006.16668, algorithm 1), Mesh TensorFlow and DeepSpeed top-2.
///
/// c_e is the number of tokens whose first choice is expert e, before any drop, and m_e its mean probability. The paper
/// writes (1/E) sum (c_e / S) m_e; the code multiplies by E^2, which gives 1 at perfect balance.
public enum FirstChoiceLoss {
    /// The first-choice balance loss E * sum over experts of (c_e / S) m_e, without a coefficient; 0 without tokens.
    ///
    /// - Parameters:
    ///   - firstChoices: c, `[experts]`.
    ///   - meanProbability: m, `[experts]`.
    ///   - tokens: tokens of the group, S.
    public static func value(firstChoices: [Int], meanProbability: [Double], tokens: Int) -> Double {
        SwitchAuxiliaryLoss.value(
            choices: firstChoices,
            meanProbability: meanProbability,
            tokens: tokens,
            topK: 1,
            unit: .one
        )
    }

    /// The first-choice balance loss as GShard's paper writes it: divided by E^2, so 1 / E^2 at perfect balance.
    public static func paperValue(firstChoices: [Int], meanProbability: [Double], tokens: Int) -> Double {
        let experts = Double(firstChoices.count)
        return value(firstChoices: firstChoices, meanProbability: meanProbability, tokens: tokens) / (experts * experts)
    }
}

/// The device-level balance loss of DeepSeekMoE (arXiv 2401.06066, section 3.3) and DeepSeek-V2.
///
/// f'_d is the mean of f_e = E n_e / (k T) over the experts of device d, P'_d the sum of their mean probabilities; the
/// loss is the sum over devices of f'_d P'_d, which is 1 at perfect balance. DeepSeek-V2 weighs it with 0.05. With one
/// expert per device it is the expert-level loss.
public enum DeviceBalanceLoss {
    /// The device balance loss, without a coefficient; 0 without tokens.
    ///
    /// - Parameters:
    ///   - choices: how often each expert was chosen, n, `[experts]`.
    ///   - meanProbability: `[experts]`.
    ///   - tokens: tokens, T.
    ///   - topK: choices per token, k.
    ///   - devices: devices, which divide the experts.
    public static func value(
        choices: [Int],
        meanProbability: [Double],
        tokens: Int,
        topK: Int,
        devices: Int
    ) -> Double {
        guard tokens > 0 else { return 0 }
        let size = choices.count / devices
        let perCopy = Double(choices.count) / (Double(topK) * Double(tokens))
        return (0..<devices).reduce(0) { sum, device in
            let experts = device * size..<(device + 1) * size
            let share = Double(choices[experts].reduce(0, +)) * perCopy / Double(size)
            return sum + share * meanProbability[experts].reduce(0, +)
        }
    }
}
