import Basics
internal import Experts
internal import MoE

/// How the `config.json` of a checkpoint sets the options of its family's router.
///
/// The rules are those of transformers' modeling files, in evaluation.
struct CheckpointRouter {
    let family: CheckpointFamily
    let configuration: CheckpointConfiguration?

    /// The options that are known, by value; nil where the config.json says nothing.
    var options: [(RouterOption, String?)] {
        let choices = configuration?.expertsPerToken ?? family.fixedChoices
        let always: [(RouterOption, String?)] = [(.training, "false"), (.topK, choices.map { String($0) })]
        guard let configuration else { return always }
        return always + weights(configuration) + groups(configuration) + losses(configuration)
            + capacity(configuration)
    }

    /// DeepSeek-V2's class in transformers does not read `norm_topk_prob`.
    private var ignoresNormalization: Bool {
        configuration?.modelType.map { $0 == "deepseek_v2" } ?? (family.name == "deepseek-v2")
    }

    private func weights(_ config: CheckpointConfiguration) -> [(RouterOption, String?)] {
        [
            (.normalize, ignoresNormalization ? nil : config.normalizesTopK.map { String($0) }),
            (.normalizePower, config.topKNormOrder.map(DecimalText.text)),
            (.normalizeFloor, config.topKNormFloor.map(DecimalText.text)),
            (.normalizeMoment, config.normalizesBeforeDrop.map { moment(isBeforeDrop: $0).rawValue }),
            (.scale, config.routedScale.map(DecimalText.text)),
            (.softcap, config.logitCap.map(DecimalText.text)),
            // SparseMixer's distance; for the other routers it is noise, of which evaluation has none.
            (.jitter, config.routerJitter.map(DecimalText.text)),
        ]
    }

    private func moment(isBeforeDrop: Bool) -> WeightNormalization.Moment { isBeforeDrop ? .beforeDrop : .afterDrop }

    /// The greedy method does not look at groups.
    private func groups(_ config: CheckpointConfiguration) -> [(RouterOption, String?)] {
        if config.topKMethod == "greedy" { return [(.groups, "1"), (.groupsKept, "1")] }
        return [
            (.groups, config.groups.map { String($0) }), (.groupsKept, config.groupsPerToken.map { String($0) }),
        ]
    }

    private func losses(_ config: CheckpointConfiguration) -> [(RouterOption, String?)] {
        [
            (.auxLoss, config.balanceLossWeight.map(DecimalText.text)),
            (.zLoss, config.zLossWeight.map(DecimalText.text)),
        ]
    }

    /// A constant number of slots, or in evaluation a fraction of the tokens (NLLB).
    private func capacity(_ config: CheckpointConfiguration) -> [(RouterOption, String?)] {
        let slots = config.expertCapacity.map { String($0) }
        let fraction = config.evalCapacityFraction.flatMap { $0 > 0 ? DecimalText.text($0) : nil }
        let unit = fraction != nil ? CapacityUnit.tokenFraction : .slots
        let number = fraction ?? slots
        let order = config.isBatchPrioritized.map { $0 ? ContestOrder.batchPrioritised : .choice }
        let further = config.secondExpertPolicy.flatMap { Self.policies[$0] }
        return [
            (.capacityOf, number == nil ? nil : unit.rawValue),
            (.capacityFactor, number),
            (.drop, order?.rawValue),
            (.further, further?.rawValue),
            (.furtherThreshold, further?.hasThreshold == true ? "0.5" : nil),
        ]
    }

    /// NLLB's `second_expert_policy`; `random` asks where 2 p > U.
    private static let policies: [String: FurtherPolicy] = [
        "all": .all, "sampling": .sampling, "random": .randomByScore,
    ]

    /// What the config.json says and no option can follow, as a sentence, or nil.
    var contradiction: String? {
        let score = RouterCatalog.entry(named: family.routerName)?.rule?.score
        if let said = configuration?.scoreFunction, let score, said != score.rawValue {
            return
                "config.json says scoring_func \(Quoted.text(said)); family \(family.name) scores by \(score.rawValue)"
        }
        if let said = configuration?.secondExpertPolicy, Self.policies[said] == nil {
            let allowed = WordList.alternatives(Self.policies.keys.sorted())
            return "config.json says second_expert_policy \(Quoted.text(said)), allowed: \(allowed)"
        }
        return nil
    }
}
