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

    /// The loss without its coefficient.
    func value(_ input: LossInput) -> Double {
        let (topK, tokens) = (input.choices.topK, 0..<input.scores.tokens)
        switch self {
        case .switchAuxiliary(let unit):
            return mean(input.groups) { group in
                SwitchAuxiliaryLoss.value(
                    choices: input.counts(group),
                    meanProbability: input.scores.meanProbability(group),
                    tokens: group.count,
                    topK: topK,
                    unit: unit
                )
            }
        case .firstChoice:
            return mean(input.groups) { group in
                FirstChoiceLoss.value(
                    firstChoices: input.counts(group, first: true),
                    meanProbability: input.scores.meanProbability(group),
                    tokens: group.count
                )
            }
        case .routerZ:
            return RouterZLoss.value(logits: input.scores.logits, experts: input.scores.experts)
        case .importance:
            return SquaredVariation.value(of: input.choices.importance(scale: 1))
        case .device(let devices):
            return DeviceBalanceLoss.value(
                choices: input.counts(tokens),
                meanProbability: input.scores.meanProbability(tokens),
                tokens: tokens.count,
                topK: topK,
                devices: devices
            )
        case .communication(let devices, let limit):
            return CommunicationBalanceLoss.value(
                visits: input.visits(tokens, devices: devices),
                meanProbability: input.scores.meanProbability(tokens),
                tokens: tokens.count,
                limit: limit
            )
        case .sequence:
            return mean(input.sequences) { sequence in
                SequenceBalanceLoss.value(
                    choices: input.unbiasedCounts(sequence),
                    meanProbability: input.scores.meanProbability(sequence),
                    tokens: sequence.count,
                    topK: topK
                )
            }
        }
    }

    private func mean(_ ranges: [Range<Int>], _ value: (Range<Int>) -> Double) -> Double {
        ranges.reduce(0) { $0 + value($1) } / Double(max(ranges.count, 1))
    }
}
