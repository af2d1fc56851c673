/// The losses that token-choice routers are trained with.
public enum LossRule: Equatable, Sendable {
    /// ``SwitchAuxiliaryLoss`` over all k choices, per group of competing tokens, averaged over the groups.
    case switchAuxiliary(SwitchAuxiliaryLoss.Unit)
    /// ``FirstChoiceLoss``, per group of competing tokens, averaged over the groups.
    case firstChoice
    /// ``RouterZLoss``.
    case routerZ
    /// ``SquaredVariation`` of the sum of weights per expert.
    case importance
    /// ``DeviceBalanceLoss`` over so many devices.
    case device(Int)
    /// ``CommunicationBalanceLoss`` over `devices` devices, of which a token may use `limit`.
    case communication(devices: Int, limit: Int)
    /// ``SequenceBalanceLoss``, averaged over the sequences.
    case sequence

    /// What it is called in reports.
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

    /// The value at perfect balance, or nil where there is none.
    func valueAtBalance(topK: Int) -> Double? {
        switch self {
        case .switchAuxiliary(.topK): Double(topK)
        case .switchAuxiliary(.one), .firstChoice, .device, .sequence: 1
        case .importance: 0
        case .routerZ, .communication: nil
        }
    }

    /// Makes sure that the loss can be computed for so many experts.
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

    /// The tokens over which it takes mean probabilities.
    var probabilities: Probabilities {
        switch self {
        case .switchAuxiliary, .firstChoice: .byGroup
        case .device, .communication: .ofAll
        case .sequence: .bySequence
        case .routerZ, .importance: .none
        }
    }

    /// The loss without its coefficient.
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

    /// The mean over ranges of a value of (number of the range, its mean probabilities).
    private func mean(_ sums: ProbabilitySums, _ value: (Int, [Double]) -> Double) -> Double {
        sums.ranges.indices.reduce(0) { $0 + value($1, sums.mean($1)) } / Double(max(sums.ranges.count, 1))
    }
}
